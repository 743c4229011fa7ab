import { randomUUID } from 'node:crypto';
import type { z } from 'zod';

/** Something said in Vietnamese and English. */
interface Text {
  vi: string;
  en: string;
}

/**
 * The agency gave no usable answer: network, timeout, 5xx, 429 or an answer that breaks its contract.
 * Asking again later is right; `reason` goes on from the agency's name and never holds personal data.
 */
export class AgencyUnavailable extends Error {
  readonly agency: string;
  readonly reason: Text;

  constructor(agency: string, reason: Text) {
    super(`${agency} ${reason.en}`);
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
  /** Goes on from the agency's name. */
  readonly reason: Text;

  constructor(agency: string, status: number, title: string) {
    const why = `${status}${title === '' ? '' : `: ${title}`}`;
    super(`${agency} refuses with ${why}`);
    this.reason = { vi: `từ chối với ${why}`, en: `refuses with ${why}` };
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
  const unavailable = (reason: Text) => new AgencyUnavailable(call.agency, reason);
  const { status, text } = await exchange(`${url.replace(/\/+$/, '')}${call.path}`, timeoutMs, call).catch(
    (error: unknown) => {
      throw unavailable(whyUnreachable(error, timeoutMs));
    },
  );
  if (status >= 500 || status === 429 || status < 200)
    throw unavailable({ vi: `trả lời ${status}`, en: `answers ${status}` });
  if (status >= 400) throw new AgencyRefused(call.agency, status, problemTitle(text));
  if (status >= 300)
    throw unavailable({
      vi: `trả lời ${status}, chuyển hướng không được theo`,
      en: `answers ${status}, a redirect that is not followed`,
    });
  const answer = call.answer.safeParse(parseJson(text));
  if (!answer.success) {
    const place = answer.error.issues[0]?.path.join('/') ?? '';
    throw unavailable({
      vi: `trả lời không đúng giao ước tại /${place}`,
      en: `gave an answer that breaks its contract at /${place}`,
    });
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

function whyUnreachable(error: unknown, timeoutMs: number): Text {
  const seconds = timeoutMs / 1000;
  if (error instanceof Error && error.name === 'TimeoutError')
    return { vi: `không trả lời trong ${seconds} giây`, en: `did not answer within ${seconds} s` };
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  const code = typeof cause?.code === 'string' ? ` (${cause.code})` : '';
  return { vi: `không kết nối được${code}`, en: `cannot be reached${code}` };
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
