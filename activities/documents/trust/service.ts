/** Thrown when a trust service cannot be asked now, or answers what cannot be used: what it is asked for must wait. */
export class TrustServiceUnavailable extends Error {
  readonly url: string;

  constructor(url: string, why: string, options?: ErrorOptions) {
    super(`${url} ${why}`, options);
    this.url = url;
  }
}

const timeoutMs = 5_000;
/** Lists of large authorities have megabytes. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Gets what a trust service has or answers.
 *
 * @param question what is posted, with its media type; without one it is fetched
 * @returns the body of its answer
 * @throws TrustServiceUnavailable
 */
export async function askTrustService(
  url: string,
  question?: { type: string; body: Uint8Array },
): Promise<Buffer> {
  const request = question && {
    method: 'POST',
    headers: { 'content-type': question.type },
    body: Uint8Array.from(question.body),
  };
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new TrustServiceUnavailable(url, `answers ${response.status}`);
    if (Number(response.headers.get('content-length') ?? 0) > mostBytes)
      throw new TrustServiceUnavailable(url, `answers more than ${mostBytes} bytes`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof TrustServiceUnavailable) throw error;
    const slow = (error as Error).name === 'TimeoutError';
    const why = slow ? `does not answer within ${timeoutMs / 1000} seconds` : 'cannot be reached';
    throw new TrustServiceUnavailable(url, why, { cause: error });
  }
}
