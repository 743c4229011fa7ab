import { createECDH, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { decrypt } from 'http_ece';
import { decodeJwt } from 'jose';
import type { Push, Subscription } from '../messaging/push.ts';

/** A push service as makers of browsers run one, with browsers that subscribe to it. */
export interface PushService {
  /** A browser of somebody's: how it is reached, and what it has decrypted. */
  browser(): { subscription: Subscription; shown: (Push & { tag: string })[] };
  /** The claims by which the last sender said who they are, and its headers. */
  sender(): { claims: Record<string, unknown>; topic: string | undefined; ttl: string | undefined };
  /** Answers this status instead of taking anything; undefined takes again. */
  refuse(status: number | undefined): void;
  close(): Promise<void>;
}

/** Listens on loopback. */
export async function openPushService(): Promise<PushService> {
  let refused: number | undefined;
  let last: ReturnType<PushService['sender']> | undefined;
  const take = new Map<string, (body: Buffer) => void>();
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { authorization = '', topic, ttl } = request.headers;
      last = {
        claims: decodeJwt(/t=([^,\s]+)/.exec(authorization)?.[1] ?? ''),
        topic: topic as string | undefined,
        ttl: ttl as string | undefined,
      };
      const browser = take.get(request.url ?? '');
      if (refused === undefined) browser?.(body);
      response.writeHead(refused ?? (browser ? 201 : 410)).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    browser() {
      const pair = createECDH('prime256v1');
      const p256dh = pair.generateKeys('base64url');
      const auth = randomBytes(16).toString('base64url');
      const path = `/push/${randomBytes(8).toString('hex')}`;
      const shown: (Push & { tag: string })[] = [];
      take.set(path, (body) => {
        const text = decrypt(body, { version: 'aes128gcm', privateKey: pair, authSecret: auth });
        shown.push(JSON.parse(text.toString()) as Push & { tag: string });
      });
      return { subscription: { endpoint: `${url}${path}`, p256dh, auth }, shown };
    },
    sender: () => last!,
    refuse(status) {
      refused = status;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
