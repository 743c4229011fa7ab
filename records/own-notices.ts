import type { Channel as MessageChannel } from '../messaging/channels.ts';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { casesOf, partyBindings } from './parties.ts';

interface Text {
  vi: string;
  en: string;
}

/** A notice as its reader sees it. */
export interface OwnNotice {
  case: string;
  notice: string;
  number: number;
  subject: Text;
  body: Text;
  at: Date;
  read: boolean;
}

const shown = 100;

/**
 * The latest notices of somebody: those to them, to the queues of their roles at their agency, and to the applicants of the
 * cases whose party they are. Each branch reads no more rows than are shown, however long a queue's history is.
 */
const mine = (limit: number) => /* sql */ `
  SELECT told.case_code, told.notice, told.number, told.subject, told.body, told.at
    FROM unnest(CAST(:addresses AS text[])) AS address (sub)
         CROSS JOIN LATERAL (SELECT * FROM notices WHERE recipient_sub = address.sub AND at <= :until
                              ORDER BY at DESC LIMIT ${limit}) told
  UNION
  SELECT notices.case_code, notices.notice, notices.number, notices.subject, notices.body, notices.at
    FROM cases JOIN notices ON notices.case_code = cases.code AND notices.recipient_sub = cases.applicant_sub
   WHERE ${casesOf} AND notices.at <= :until`;

async function bindingsOf(db: Database, actor: Actor, until: Date) {
  const { agency, roles } = actor;
  const queues = agency ? roles.map((role) => `queue:${agency}:${role}`) : [];
  const party = await partyBindings(db, actor, until);
  return { ...party, sub: actor.sub, addresses: [...party.selves, ...queues], until };
}

/** Lists the latest 100 notices of somebody up to an instant, the latest first. */
export async function listNotices(db: Database, actor: Actor, until: Date): Promise<OwnNotice[]> {
  const { rows } = await db.raw<{ rows: OwnNotice[] }>(
    /* sql */ `
    SELECT mine.case_code AS "case", mine.notice, mine.number, mine.subject, mine.body, mine.at,
           seen.at IS NOT NULL AS read
      FROM (${mine(shown)}) mine
           LEFT JOIN notice_reads seen ON seen.sub = :sub AND seen.case_code = mine.case_code
                                      AND seen.notice = mine.notice AND seen.number = mine.number
     ORDER BY mine.at DESC, mine.case_code, mine.notice, mine.number
     LIMIT ${shown}`,
    await bindingsOf(db, actor, until),
  );
  return rows;
}

/** Keeps that somebody has read what {@link listNotices} gives up to an instant. */
export async function markRead(
  trx: Transaction,
  { actor, at, until }: { actor: Actor; at: Date; until: Date },
): Promise<void> {
  const read = (await listNotices(trx, actor, until)).filter((each) => !each.read);
  if (read.length === 0) return;
  const rows = read.map((each) => ({
    sub: actor.sub,
    case_code: each.case,
    notice: each.notice,
    number: each.number,
    at,
  }));
  await trx('notice_reads').insert(rows).onConflict().ignore();
}

/** A notice of a case with how it was delivered; who it went to is told by what they are, never by an address. */
export interface CaseNotice {
  notice: string;
  number: number;
  to: 'applicant' | 'officer' | 'queue';
  subject: Text;
  at: Date;
  deliveries: {
    channel: MessageChannel;
    state: 'queued' | 'sent' | 'failed';
    attempts: number;
    failure: string | null;
    endedAt: string | null;
  }[];
}

/**
 * Lists what was told about a case and how far each delivery is, the latest first; whether the reader may see the case is
 * the caller's to know.
 *
 * @param among `applicant` for what the citizens' side was told, `everybody` for all
 */
export async function noticesAbout(
  db: Database,
  code: string,
  among: 'applicant' | 'everybody',
): Promise<CaseNotice[]> {
  const { rows } = await db.raw<{ rows: CaseNotice[] }>(
    /* sql */ `
    SELECT notice, number, subject, at,
           CASE WHEN recipient_sub = applicant_sub THEN 'applicant'
                WHEN recipient_sub LIKE 'queue:%' THEN 'queue' ELSE 'officer' END AS "to",
           coalesce((SELECT jsonb_agg(jsonb_build_object('channel', channel, 'state', sent.state, 'attempts', attempts,
                              'failure', failure, 'endedAt', to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                              ORDER BY made_at, channel)
                       FROM deliveries sent
                      WHERE sent.case_code = notices.case_code AND sent.notice = notices.notice
                        AND sent.number = notices.number), '[]') AS deliveries
      FROM notices JOIN cases ON cases.code = notices.case_code
     WHERE notices.case_code = :code AND (:all OR recipient_sub = applicant_sub)
     ORDER BY at DESC, notice, number
     LIMIT 200`,
    { code, all: among === 'everybody' },
  );
  return rows;
}
