import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../log.ts';
import type { Control } from './control.ts';
import { Problem } from './act.ts';
import type { TokenSource } from './machine-token.ts';

/** An answer on its way to the task that waits for it. */
export interface Callback {
  url: string;
  /** Sent as `Idempotency-Key`: delivering it again changes nothing. */
  key: string;
  answer: unknown;
}

/** How an agency reaches Motcua. */
export interface CallbackOptions {
  token: TokenSource;
  /** Motcua's address: the agency gives its token to nobody else. */
  publicUrl: string;
  log: Logger;
  /** Ends all waiting and retrying. */
  signal: AbortSignal;
}

export interface Callbacks {
  /** Refuses, with 422, an address that is not Motcua's. */
  admit(url: string): void;
  /** Delivers in the background until Motcua accepts or refuses; `done` hears of either. */
  send(callback: Callback, control: Control, done: () => void): void;
}

/** Delivers agencies' answers: with a bearer token, again after every failure, twice or late when told so. */
export function createCallbacks({ token, publicUrl, log, signal }: CallbackOptions): Callbacks {
  async function deliver(callback: Callback): Promise<void> {
    for (let pause = 250; ; pause = Math.min(pause * 2, 15_000)) {
      const status = await post(callback).catch(() => 0);
      log.info({ key: callback.key, status }, 'callback');
      if (status >= 200 && status < 500 && !tryAgain.has(status)) return;
      await wait(pause, undefined, { signal });
    }
  }

  async function post({ url, key, answer }: Callback): Promise<number> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await token()}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ answer }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    await response.arrayBuffer();
    if (response.status === 401) await token(true);
    return response.status;
  }

  return {
    admit(url) {
      const { origin, pathname } = new URL(publicUrl);
      const asked = new URL(url);
      if (asked.origin === origin && asked.pathname.startsWith(pathname)) return;
      throw new Problem(422, 'the callback is not at an address that this agency answers to');
    },
    send(callback, { mode, delayMs }, done) {
      const deliverAll = async () => {
        if (mode === 'late') await wait(delayMs, undefined, { signal });
        const times = mode === 'duplicate' ? [callback, callback] : [callback];
        await Promise.all(times.map(deliver));
        done();
      };
      deliverAll().catch((error: unknown) => {
        if (!signal.aborted) log.error({ key: callback.key, err: error }, 'callback given up');
      });
    },
  };
}

/** Statuses below 500 after which the same callback may still be accepted. */
const tryAgain = new Set([401, 408, 425, 429]);
