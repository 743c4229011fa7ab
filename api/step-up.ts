import type { Request } from 'express';
import type { Config } from '../config.ts';
import { Refusal } from '../records/refusal.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { actorIn } from './auth.ts';
import type { Proof } from './claims.ts';
import type { Deps } from './deps.ts';

type StepUpConfig = Pick<Config, 'OIDC_STEP_UP_ACR' | 'OIDC_STEP_UP_MAX_AGE'>;

/** Thrown when somebody has to prove again, and strongly enough, who they are. */
export class StepUpNeeded extends Refusal {
  /** What programs are told to ask the identity provider for (RFC 9470). */
  readonly challenge: string;

  constructor(
    { OIDC_STEP_UP_ACR: acr, OIDC_STEP_UP_MAX_AGE: maxAge }: StepUpConfig,
    detail = 'Hãy xác thực lại rồi ký · Prove again who you are, then sign',
  ) {
    super('step-up-needed', detail);
    this.challenge = [
      'Bearer error="insufficient_user_authentication"',
      'error_description="A signature needs a fresh authentication"',
      ...(acr ? [`acr_values="${acr.replaceAll(/["\\]/g, '')}"`] : []),
      `max_age="${maxAge}"`,
    ].join(', ');
  }
}

/** Until when somebody may sign on the strength of a proof; undefined when it is too weak or over. */
export function signsUntil(
  { OIDC_STEP_UP_ACR: acr, OIDC_STEP_UP_MAX_AGE: maxAge }: StepUpConfig,
  { acr: given, at }: Proof = {},
  now: Date,
): Date | undefined {
  if (at === undefined || (acr !== undefined && !acr.split(/\s+/).includes(given ?? ''))) return undefined;
  // Beyond what a date can be, which nobody's clock says, it is simply the end of time.
  const until = Math.min((at + maxAge) * 1000, 8.64e15);
  return until > now.getTime() ? new Date(until) : undefined;
}

/** Whether whoever sends a request may sign now, without proving again who they are. */
export const maySign = (req: Request, { config, clock }: Pick<Deps, 'config' | 'clock'>): boolean =>
  signsUntil(config, req.proof, clock.now()) !== undefined;

/**
 * Lets through who has proved freshly and strongly enough who they are.
 *
 * @throws Refusal `not-signed-in` or `step-up-needed`
 */
export function expectProof(req: Request, deps: Pick<Deps, 'config' | 'clock'>): void {
  actorIn(req);
  if (!maySign(req, deps)) throw new StepUpNeeded(deps.config);
}

/** Where a browser goes to prove again who its person is, and from where it comes back to a page. */
export const stepUpFor = (page: string): string => `/signin/step-up?return=${encodeURIComponent(page)}`;

/** Tasks of the engine whose performer signs: a corrected result, the apology for being late. */
const engineSigns = new Set(['signCorrection', 'extend']);

/** Whether whoever completes a task of a procedure signs a document by it. */
export const signs = (procedure: Procedure | undefined, task: string): boolean =>
  engineSigns.has(task) ||
  Object.values(procedure?.documents ?? {}).some(({ signedBy }) => signedBy === task);
