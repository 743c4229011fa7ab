import { randomUUID } from 'node:crypto';
import { channelsFor, isLetter, isReachable, type Channel } from '../messaging/channels.ts';
import { isLegal } from '../messaging/messages.ts';
import { reachAbout, type Reachable } from './contacts.ts';
import type { Database, Transaction } from './db.ts';
import { followersOf } from './followers.ts';
import { partiesAmong } from './parties.ts';

interface Text {
  vi: string;
  en: string;
}

interface NoticeKey {
  case_code: string;
  notice: string;
  number: number;
}

/** A message that is due, with where the person is reached whom it is for. */
export interface DueDelivery {
  id: string;
  code: string;
  channel: Channel;
  to: Pick<Reachable, 'email' | 'phone' | 'browsers'>;
  language: 'vi' | 'en' | null;
  subject: Text;
  body: Text;
}

/** What became of an attempt. */
export type Attempt = { reference: string } | { failure: string; forGood: boolean };

const batch = 50;
const firstPauseMs = 30_000;
const longestPauseMs = 3_600_000;
/** After how long a channel counts as one on which the person cannot be reached. */
const patienceMs = 86_400_000;

/**
 * Settles for the notices that are new whom they are delivered to and how; those to a queue are read on the pages only.
 *
 * @param open the channels that this installation has
 * @returns whether there may be more
 */
export async function planDeliveries(db: Database, open: readonly Channel[], at: Date): Promise<boolean> {
  return db.transaction(async (trx) => {
    const fresh = await trx('notices')
      .join('cases', 'cases.code', 'notices.case_code')
      .whereNull('planned_at')
      .orderBy('at')
      .limit(batch)
      .forUpdate('notices')
      .skipLocked()
      .select<(NoticeKey & { recipient_sub: string; applicant_sub: string })[]>(
        'case_code',
        'notice',
        'number',
        'recipient_sub',
        'applicant_sub',
      );
    for (const { recipient_sub: recipient, applicant_sub: applicant, ...key } of fresh) {
      await plan(trx, key, await readersOf(trx, key, recipient, applicant, at), open, at);
      await trx('notices').where(key).update({ planned_at: at });
    }
    return fresh.length === batch;
  });
}

/** What of a matter concerns whoever follows it, too. */
const ofTheMatter = new Set([
  'report-accepted',
  'forwarded',
  'report-result',
  'reopened',
  'report-stopped',
  'extended',
]);

/** What an applicant is told, their whole side is told; what concerns the matter itself, its followers too. */
async function readersOf(
  trx: Transaction,
  { case_code: code, notice }: NoticeKey,
  recipient: string,
  applicant: string,
  at: Date,
) {
  if (recipient.startsWith('queue:')) return [];
  if (recipient !== applicant) return [recipient];
  const parties = (await partiesAmong(trx, [code], at)).map(({ sub }) => sub);
  const followers = ofTheMatter.has(notice) ? await followersOf(trx, code) : [];
  return [...new Set([...parties, ...followers])];
}

async function plan(
  trx: Transaction,
  key: NoticeKey,
  readers: string[],
  open: readonly Channel[],
  at: Date,
): Promise<void> {
  const reached = await reachAbout(trx, key.case_code, readers);
  const rows = reached.flatMap((person) =>
    channelsFor(person, isLegal(key.notice), open).now.map((channel) => ({
      ...key,
      id: randomUUID(),
      to_sub: person.sub,
      channel,
      made_at: at,
      due_at: at,
    })),
  );
  if (rows.length > 0) await trx('deliveries').insert(rows).onConflict().ignore();
}

interface DueRow extends NoticeKey {
  id: string;
  to_sub: string;
  channel: Channel;
  attempts: number;
  made_at: Date;
  subject: Text;
  body: Text;
}

/**
 * Makes one attempt at the delivery that is due longest. It stays locked meanwhile, so that two couriers never send the
 * same; one that dies after sending sends again under the same key.
 *
 * @param send never throws
 * @returns false when nothing is due
 */
export async function attemptDelivery(
  db: Database,
  open: readonly Channel[],
  at: Date,
  send: (due: DueDelivery) => Promise<Attempt>,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const row = await trx('deliveries')
      .join('notices', (join) => join.using(['case_code', 'notice', 'number']))
      .where('deliveries.state', 'queued')
      .where('due_at', '<=', at)
      .whereIn('channel', open)
      .orderBy('due_at')
      .forUpdate('deliveries')
      .skipLocked()
      .first<DueRow | undefined>('deliveries.*', 'subject', 'body');
    if (!row) return false;
    const [person] = await reachAbout(trx, row.case_code, [row.to_sub]);
    const attempt: Attempt =
      person && isReachable(person, row.channel)
        ? await send({
            id: row.id,
            code: row.case_code,
            channel: row.channel,
            to: person,
            language: person.language,
            subject: row.subject,
            body: row.body,
          })
        : { failure: 'there is no address any more', forGood: true };
    await settle(trx, row, attempt, open, at);
    return true;
  });
}

async function settle(
  trx: Transaction,
  row: DueRow,
  attempt: Attempt,
  open: readonly Channel[],
  at: Date,
): Promise<void> {
  const attempts = row.attempts + 1;
  const one = trx('deliveries').where({ id: row.id });
  if ('reference' in attempt) {
    await one.update({ state: 'sent', attempts, failure: null, reference: attempt.reference, ended_at: at });
    return;
  }
  const { failure, forGood } = attempt;
  if (!forGood && at.getTime() - row.made_at.getTime() < patienceMs) {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** row.attempts);
    await one.update({ attempts, failure, due_at: new Date(at.getTime() + pause) });
    return;
  }
  await one.update({ state: 'failed', attempts, failure, ended_at: at });
  await tryAnother(trx, row, open, at);
}

/** A legal notice that failed on every channel so far takes the next one; that a browser has shown it is not enough. */
async function tryAnother(
  trx: Transaction,
  { case_code, notice, number, to_sub }: DueRow,
  open: readonly Channel[],
  at: Date,
): Promise<void> {
  const key = { case_code, notice, number };
  const tried = await trx('deliveries')
    .where({ ...key, to_sub })
    .select<{ channel: Channel; state: string }[]>('channel', 'state');
  if (tried.some(({ channel, state }) => isLetter(channel) && state !== 'failed')) return;
  const [person] = await reachAbout(trx, case_code, [to_sub]);
  if (!person) return;
  const next = channelsFor(person, isLegal(notice), open).later.find(
    (channel) => !tried.some((each) => each.channel === channel),
  );
  if (!next) return;
  const row = { ...key, id: randomUUID(), to_sub, channel: next, made_at: at, due_at: at };
  await trx('deliveries').insert(row).onConflict().ignore();
}
