import { z } from 'zod';
import type { Config } from '../config.ts';
import { Undelivered } from './channels.ts';

/**
 * Hands a text to the gateway. The same key has one effect; `to` is a Vietnamese mobile number as people write it.
 *
 * @returns the gateway's name for the message
 * @throws Undelivered when the gateway does not take it
 */
export type SendSms = (message: { to: string; text: string; key: string }) => Promise<{ reference: string }>;

const Taken = z.object({ reference: z.string().min(1).max(200) });
const patienceMs = 10_000;

/**
 * Opens the gateway for SMS at SMS_URL: `POST` of `{"to", "text"}` with `Authorization: Bearer <SMS_TOKEN>` and
 * `Idempotency-Key`; the answer is 2xx with `{"reference"}`. Numbers are sent as E.164.
 *
 * @returns undefined where none is configured
 */
export function openSms({ SMS_URL: url, SMS_TOKEN: token }: Config): SendSms | undefined {
  if (url === undefined) return undefined;
  return async ({ to, text, key }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ to: to.replace(/^0/, '+84'), text }),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    }).catch(() => {
      throw new Undelivered('the SMS gateway does not answer', { forGood: false });
    });
    if (!response.ok) {
      const { status } = response;
      const forGood = status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
      throw new Undelivered(`the SMS gateway answers ${status}`, { forGood });
    }
    const taken = Taken.safeParse(await response.json().catch(() => undefined));
    if (!taken.success) throw new Undelivered('the SMS gateway answers something else', { forGood: false });
    return taken.data;
  };
}
