import { createECDH } from 'node:crypto';
import webPush from 'web-push';
import type { Config } from '../config.ts';
import { Undelivered } from './channels.ts';

/** A browser that its owner lets us reach: where its push service listens, and the keys that only the browser can read with. */
export interface Subscription {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** A notification as a browser shows it. */
export interface Push {
  title: string;
  body: string;
  /** Path of the page that it leads to. */
  path: string;
}

/**
 * Hands a notification to the push service of one browser, encrypted for that browser (RFC 8291). The same key replaces
 * what has not been shown yet.
 *
 * @throws GoneBrowser when the browser wants no more, Undelivered when the service does not take it
 */
export type SendPush = (to: Subscription, push: Push, key: string) => Promise<void>;

/** The browser has unsubscribed, or was reset: its subscription is of no use any more. */
export class GoneBrowser extends Undelivered {
  constructor() {
    super('the browser is no longer subscribed', { forGood: true });
  }
}

const patienceMs = 10_000;
/** How long a push service keeps what it cannot show at once. */
const keptSeconds = 86_400;

type PushConfig = Pick<Config, 'WEB_PUSH_KEY' | 'MAIL_FROM' | 'publicUrl'>;

/**
 * Gives the public key (P-256, uncompressed, base64url) by which push services know this installation (RFC 8292).
 *
 * @returns undefined where WEB_PUSH_KEY is not set: this installation pushes nothing
 */
export function pushKeyOf({ WEB_PUSH_KEY: secret }: Pick<Config, 'WEB_PUSH_KEY'>): string | undefined {
  if (secret === undefined) return undefined;
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(Buffer.from(secret, 'base64'));
  return pair.getPublicKey('base64url');
}

/**
 * Opens web push.
 *
 * @returns undefined where it is not configured
 */
export function openPush(config: PushConfig): SendPush | undefined {
  const publicKey = pushKeyOf(config);
  if (publicKey === undefined) return undefined;
  const { hostname } = new URL(config.publicUrl);
  const contact = /[^\s<>]+@[^\s<>]+/.exec(config.MAIL_FROM ?? '')?.[0] ?? `no-reply@${hostname}`;
  const vapidDetails = {
    subject: `mailto:${contact}`,
    publicKey,
    privateKey: Buffer.from(config.WEB_PUSH_KEY ?? '', 'base64').toString('base64url'),
  };
  return async ({ endpoint, p256dh, auth }, push, key) => {
    const { headers, body } = webPush.generateRequestDetails(
      { endpoint, keys: { p256dh, auth } },
      JSON.stringify({ ...push, tag: key }),
      { vapidDetails, TTL: keptSeconds, topic: topicOf(key), contentEncoding: 'aes128gcm' },
    );
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: Uint8Array.from(body ?? []),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    }).catch(() => {
      throw new Undelivered('the push service does not answer', { forGood: false });
    });
    await response.body?.cancel();
    if (response.ok) return;
    if (response.status === 404 || response.status === 410) throw new GoneBrowser();
    throw new Undelivered(`the push service answers ${response.status}`, { forGood: false });
  };
}

/** 32 characters at most, of base64url (RFC 8030, section 5.4). */
const topicOf = (key: string) => key.replaceAll('-', '').slice(0, 32);

/**
 * Says whether an address is one of a push service that this installation trusts: whoever subscribes names the address to
 * which we send, and it must not lead anywhere else.
 *
 * @param services hosts with commas between them; their subdomains count too
 */
export function isPushService(endpoint: string, services: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, username, port } = new URL(endpoint);
  const own = hostname === '127.0.0.1';
  if (username !== '' || (!own && (protocol !== 'https:' || port !== ''))) return false;
  return services
    .split(',')
    .map((each) => each.trim())
    .some((host) => host !== '' && (hostname === host || (!own && hostname.endsWith(`.${host}`))));
}
