import { randomUUID } from 'node:crypto';
import type { z } from 'zod';

/**
 * The agency gave no usable answer: network, timeout, 5xx, 429 or an answer that breaks its contract.
 * Asking again later is right; `reason` is a sentence for the timeline and never holds personal data.
 */
export class AgencyUnavailable extends Error {
  readonly agency: string;
  readonly reason: string;

  constructor(agency: string, reason: string) {
    super(`${agency} ${reason}`);
    this.name = 'AgencyUnavailable';
    this.agency = agency;
    this.reason = reason;
  }
}

/** The agency understood and refused (4xx): asking the same again is pointless. */
export class AgencyRefused extends Error {
  readonly agency: string;
  /** HTTP status of the refusal. */
  readonly status: number;

  constructor(agency: string, status: number, title: string) {
    super(`${agency} refuses with ${status}${title === '' ? '' : `: ${title}`}`);
    this.name = 'AgencyRefused';
    this.agency = agency;
    this.status = status;
  }
}

/** What every connector is told: where its agency answers, and how long it may take. */
export interface AgencyAddress {
  /** Base address; the paths of the agency's contract are appended. */
  url: string;
  /** Milliseconds until an agency counts as unavailable; 5000 unless told. */
  timeoutMs?: number;
}

export interface Call<Answer> {
  /** The agency's name in the words of the timeline, for example `land registry`. */
  agency: string;
  path: string;
  body: unknown;
  answer: z.ZodType<Answer>;
  /** Business key of the effect: sent as `Idempotency-Key`, so that a repeated call has one effect. */
  key: string;
  /** Case for which the agency is asked: the proof of purpose that the law wants logged. */
  caseCode: string;
}

/**
 * Posts one question to an agency and gives its validated answer; never tries twice, because Temporal does.
 *
 * @throws AgencyUnavailable when asking again later may help
 * @throws AgencyRefused when the agency refuses the question
 */
export async function callAgency<Answer>(
  { url, timeoutMs = 5_000 }: AgencyAddress,
  call: Call<Answer>,
): Promise<Answer> {
  const unavailable = (reason: string) => new AgencyUnavailable(call.agency, reason);
  const { status, text } = await exchange(`${url.replace(/\/+$/, '')}${call.path}`, timeoutMs, call).catch(
    (error: unknown) => {
      throw unavailable(whyUnreachable(error, timeoutMs));
    },
  );
  if (status >= 500 || status === 429 || status < 200) throw unavailable(`answers ${status}`);
  if (status >= 400) throw new AgencyRefused(call.agency, status, problemTitle(text));
  if (status >= 300) throw unavailable(`answers ${status}, a redirect that is not followed`);
  const answer = call.answer.safeParse(parseJson(text));
  if (!answer.success) {
    const place = answer.error.issues[0]?.path.join('/') ?? '';
    throw unavailable(`gave an answer that breaks its contract at /${place}`);
  }
  return answer.data;
}

async function exchange(address: string, timeoutMs: number, call: Call<unknown>) {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'idempotency-key': call.key,
      'x-request-id': randomUUID(),
      'x-case-code': call.caseCode,
    },
    body: JSON.stringify(call.body),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, text: await response.text() };
}

function whyUnreachable(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `did not answer within ${timeoutMs / 1000} s`;
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? `cannot be reached (${cause.code})` : 'cannot be reached';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The title of problem+json says the kind of problem; its detail may name a person and is left out. */
function problemTitle(text: string): string {
  const problem = parseJson(text) as { title?: unknown } | null | undefined;
  return typeof problem?.title === 'string' ? problem.title.slice(0, 120) : '';
}
