import type { Clock } from '../../clock.ts';
import { loadForEffect } from '../../records/case-file.ts';
import { noteConnectorCall, switchedOff } from '../../records/connectors.ts';
import type { Database } from '../../records/db.ts';
import { keepEffect } from '../../records/effects.ts';
import { AgencyRefused, AgencyUnavailable } from './call.ts';
import { ConnectorOff, connectorOf, type Connector } from './connectors.ts';
import { questions, type Agencies, type Asking, type Questions } from './questions.ts';

/** One question of one case: (case, question, number) is its business key. */
export interface AskRequest {
  case: string;
  question: keyof Questions;
  number: number;
  /** The workflow's instant (ISO 8601). */
  at: string;
  details: Record<string, unknown>;
}

/** What the connectors need. */
export interface AskDependencies {
  db: Database;
  clock: Clock;
  agencies: Agencies;
}

/**
 * Makes the activity that asks an agency once for each business key; the kept answer is given ever after, also one that an admin has
 * put there in the place of an answer.
 *
 * It throws `AgencyUnavailable`, `AgencyRefused` or `ConnectorOff`, in words that an admin can act on.
 */
export function createAsk(deps: AskDependencies) {
  const { db, agencies } = deps;
  return async function ask(request: AskRequest): Promise<unknown> {
    const { question, details } = request;
    const key = { caseCode: request.case, effect: question, number: request.number };
    const { file, kept } = await loadForEffect(db, key);
    if (kept !== undefined) return kept;
    const at = new Date(request.at);
    const asking: Asking = { db, file, at, key: `${request.case}/${question}/${request.number}` };
    const put = questions[question] as (a: Agencies, b: Asking, c: unknown) => Promise<unknown>;
    const connector = connectorOf[question];
    const work = () => put(agencies, asking, details);
    const answer = await (connector ? overConnector(deps, connector, work) : work());
    return keepEffect(db, key, answer, at);
  };
}

/** Asks a system that is not switched off, and counts how it answered. */
async function overConnector<T>(
  { db, clock }: AskDependencies,
  connector: Connector,
  work: () => Promise<T>,
): Promise<T> {
  const off = await switchedOff(db, connector, clock.now());
  if (off) throw new ConnectorOff(connector, off.reason, off.until ? new Date(off.until) : undefined);
  const begun = performance.now();
  const note = (failure?: { vi: string; en: string }) =>
    noteConnectorCall(db, connector, { at: clock.now(), tookMs: performance.now() - begun, failure });
  try {
    const answer = await work();
    await note();
    return answer;
  } catch (error) {
    if (error instanceof AgencyUnavailable) await note(error.reason);
    // It is there and understands us; what it refuses is a matter of the case.
    if (error instanceof AgencyRefused) await note();
    throw error;
  }
}
