import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Clock } from '../clock.ts';
import type { Database } from '../records/db.ts';
import { forgetFailedTries, noteFailedTry, type CallKey } from '../records/retrying.ts';
import { AgencyRefused, AgencyUnavailable } from './agencies/call.ts';
import { ConnectorOff, connectorOf, standIns } from './agencies/connectors.ts';
import type { Questions } from './agencies/questions.ts';
import { TrustServiceUnavailable } from './documents/trust/service.ts';

/** How an activity is done: its work is begun, and what becomes of it is noted. */
export type Attempt = (work: () => Promise<unknown>, request: unknown) => Promise<unknown>;

/** How often Temporal looks at a connector that is switched off without an end; whoever switches it on does not wait for that. */
const whileOffMs = 3_600_000;

/**
 * Notes each try of a case's call that fails, with the reason in plain words, until it succeeds: admins see it long before anything
 * is late. A first try that succeeds costs nothing.
 */
export function watchAttempts({ db, clock }: { db: Database; clock: Clock }): Attempt {
  return async (work, request) => {
    const { activityType, isLocal } = activityInfo();
    const call = callOf(activityType, request);
    try {
      const answer = await work();
      if (call && !isLocal) await forgetFailedTries(db, call);
      return answer;
    } catch (error) {
      if (call) await noteFailedTry(db, call, { at: clock.now(), ...about(call, error) });
      throw forTemporal(error, clock.now());
    }
  };
}

/** The business key of a call; a step has none, as what it needs is the database in which this would be noted. */
function callOf(activity: string, request: unknown): CallKey | undefined {
  const { case: code, number = 0 } = (request ?? {}) as { case?: unknown; number?: unknown };
  if (typeof code !== 'string' || typeof number !== 'number' || activity.startsWith('step '))
    return undefined;
  return { case: code, activity, number };
}

function about({ activity }: CallKey, error: unknown) {
  const [verb, object] = activity.split(' ') as [string, keyof Questions];
  const asked = verb === 'ask' ? object : undefined;
  return {
    failure: sayFailure(error),
    connector: asked && connectorOf[asked],
    standIn: asked && standIns[asked],
  };
}

/** Why a try failed; of an error that nobody foresaw only its kind is told, as its words may be about people. */
function sayFailure(error: unknown): { vi: string; en: string } {
  if (error instanceof AgencyUnavailable || error instanceof AgencyRefused || error instanceof ConnectorOff)
    return error.reason;
  if (error instanceof TrustServiceUnavailable)
    return { vi: `dịch vụ tin cậy: ${error.message}`, en: `trust service: ${error.message}` };
  const kind = error instanceof Error ? error.name : typeof error;
  return { vi: `lỗi của hệ thống này (${kind})`, en: `an error of this system (${kind})` };
}

function forTemporal(error: unknown, now: Date): unknown {
  if (error instanceof AgencyUnavailable || error instanceof AgencyRefused)
    return ApplicationFailure.create({ type: error.name, message: error.message });
  if (!(error instanceof ConnectorOff)) return error;
  const { name: type, message, until } = error;
  const nextRetryDelay = Math.max(1_000, until ? until.getTime() - now.getTime() : whileOffMs);
  return ApplicationFailure.create({ type, message, nextRetryDelay: Math.min(nextRetryDelay, whileOffMs) });
}
