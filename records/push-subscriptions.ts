import { randomUUID } from 'node:crypto';
import type { Subscription } from '../messaging/push.ts';
import type { Database, Transaction } from './db.ts';
import type { OwnSession } from './sessions.ts';

/** A browser to which notices are pushed, as its owner sees it. */
export interface PushedBrowser {
  id: string;
  browser: OwnSession['browser'];
  since: string;
}

/** More browsers than anybody reads notices in; who subscribes in one more loses the one that came first. */
const most = 10;

/**
 * Keeps that somebody wants notices in a browser; whoever wanted them there before gets none any more.
 *
 * @returns its id, the same when the same browser subscribes again
 */
export async function subscribeBrowser(
  trx: Transaction,
  sub: string,
  { endpoint, p256dh, auth, browser }: Subscription & Pick<PushedBrowser, 'browser'>,
  at: Date,
): Promise<{ id: string }> {
  const row = { sub, p256dh, auth, browser: JSON.stringify(browser), made_at: at };
  const [kept] = await trx('push_subscriptions')
    .insert({ id: randomUUID(), endpoint, ...row })
    .onConflict('endpoint')
    .merge(row)
    .returning<{ id: string }[]>('id');
  const latest = trx('push_subscriptions').where({ sub }).orderBy('made_at', 'desc').limit(most).select('id');
  await trx('push_subscriptions').where({ sub }).whereNotIn('id', latest).delete();
  return { id: kept!.id };
}

/** Lists the browsers to which somebody's notices are pushed, the latest first. */
export async function listBrowsers(db: Database, sub: string): Promise<PushedBrowser[]> {
  const rows = await db('push_subscriptions')
    .where({ sub })
    .orderBy('made_at', 'desc')
    .select<{ id: string; browser: OwnSession['browser']; made_at: Date }[]>('id', 'browser', 'made_at');
  return rows.map(({ id, browser, made_at: since }) => ({ id, browser, since: since.toISOString() }));
}

/** Ends notices in a browser of somebody's, or in all of them; says how many there were. */
export const unsubscribeBrowser = (db: Database | Transaction, sub: string, id?: string): Promise<number> =>
  db('push_subscriptions')
    .where({ sub, ...(id === undefined ? {} : { id }) })
    .delete();

/** Forgets browsers that want no more. */
export const forgetBrowsers = (db: Database, endpoints: readonly string[]): Promise<number> =>
  db('push_subscriptions')
    .whereIn('endpoint', [...endpoints])
    .delete();
