import { randomUUID } from 'node:crypto';
import { engine } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { appendEntry, lockRecord } from './record.ts';
import type { Stage } from './public-reports.ts';
import { Refusal } from './refusal.ts';

/**
 * Lets somebody hear of an incident that others have reported; following it again changes nothing.
 *
 * @throws Refusal `not-found` for one that is not shown in public
 */
export async function followIncident(trx: Transaction, code: string, sub: string, at: Date): Promise<void> {
  const found = await trx('incidents')
    .where({ case_code: code, shown: true })
    .first<{ case_code: string } | undefined>('case_code');
  if (!found) throw noReport();
  await addFollowers(trx, code, [sub], at);
}

/** Ends that somebody hears of an incident. */
export async function unfollowIncident(trx: Transaction, code: string, sub: string): Promise<void> {
  const gone = await trx('case_followers').where({ case_code: code, sub }).delete();
  if (gone > 0) await trx('incidents').where({ case_code: code }).decrement('followers', gone);
}

export const noReport = () => new Refusal('not-found', 'Không có phản ánh này · There is no such report');

async function addFollowers(
  trx: Transaction,
  code: string,
  subs: readonly string[],
  at: Date,
): Promise<void> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    /* sql */ `
    INSERT INTO case_followers (case_code, sub, since)
    SELECT code, sub, :at FROM cases, unnest(CAST(:subs AS text[])) AS sub
     WHERE code = :code AND sub <> applicant_sub
    ON CONFLICT DO NOTHING RETURNING sub`,
    { code, subs: [...subs], at },
  );
  if (rows.length > 0) await trx('incidents').where({ case_code: code }).increment('followers', rows.length);
}

/** What somebody has reported themselves, the latest first. */
export function listReported(
  db: Database,
  sub: string,
): Promise<{ code: string; service: string; stage: Stage }[]> {
  return db('incidents')
    .join('cases', 'cases.code', 'incidents.case_code')
    .where({ applicant_sub: sub })
    .orderBy('incidents.filed_at', 'desc')
    .limit(100)
    .select({ code: 'case_code', service: 'service', stage: 'stage' });
}

/** Finds the subject of whoever reported something without saying who they are. */
export async function unnamedReporter(db: Database, code: string): Promise<string | undefined> {
  const row = await db('cases').where({ code }).first<{ sub: string } | undefined>('applicant_sub as sub');
  return row?.sub.startsWith('anybody:') ? row.sub : undefined;
}

/** What somebody follows, the latest first. */
export function listFollowed(
  db: Database,
  sub: string,
): Promise<{ code: string; service: string; stage: Stage }[]> {
  return db('case_followers')
    .join('incidents', 'incidents.case_code', 'case_followers.case_code')
    .where({ sub })
    .orderBy('since', 'desc')
    .limit(100)
    .select({
      code: 'incidents.case_code',
      service: 'service',
      stage: 'stage',
    });
}

/** Whether somebody follows an incident. */
export async function follows(db: Database, code: string, sub: string): Promise<boolean> {
  const found = await db('case_followers')
    .where({ case_code: code, sub })
    .first<{ sub: string } | undefined>('sub');
  return found !== undefined;
}

/**
 * Keeps how a follower finds what was done; the later word counts.
 *
 * @throws Refusal `not-yours` for somebody who does not follow it, `case-open` before it was answered
 */
export async function rateAsFollower(
  trx: Transaction,
  { code, sub, score, at }: { code: string; sub: string; score: number; at: Date },
): Promise<void> {
  const incident = await trx('incidents')
    .where({ case_code: code })
    .first<{ stage: string } | undefined>('stage');
  if (!incident) throw noReport();
  if (incident.stage !== 'answered')
    throw new Refusal('case-open', 'Phản ánh chưa được trả lời · The report has not been answered');
  const rated = await trx('case_followers').where({ case_code: code, sub }).update({ score, rated_at: at });
  if (rated === 0) throw new Refusal('not-yours', 'Hãy theo dõi phản ánh trước · Follow the report first');
}

/**
 * Merges a report into another one about the same: whoever reported or followed it follows that one from now on, its photos go
 * along, and that one counts it.
 *
 * @returns false when there is no such report to merge into, or it is this one or merged itself
 */
export async function mergeIncident(db: Database, code: string, into: string, at: Date): Promise<boolean> {
  return db.transaction(async (trx) => {
    // Both in one order, so that two merges never wait for each other.
    for (const each of [code, into].sort())
      await trx('cases').where({ code: each }).forUpdate().first('code');
    const both = await trx('incidents')
      .whereIn('case_code', [code, into])
      .select<{ case_code: string; merged_into: string | null }[]>('case_code', 'merged_into');
    const target = both.find((each) => each.case_code === into);
    const own = both.find((each) => each.case_code === code);
    if (code === into || !own || !target || target.merged_into) return false;
    if (own.merged_into) return own.merged_into === into;
    const { applicant } = await trx('cases')
      .where({ code })
      .first<{ applicant: string }>('applicant_sub as applicant');
    const followers = await trx('case_followers').where({ case_code: code }).pluck<string[]>('sub');
    await trx('incidents').where({ case_code: code }).update({ merged_into: into });
    // Who had reported several times the same counts once.
    await trx('incidents').where({ merged_into: code }).update({ merged_into: into });
    await trx('incidents').where({ case_code: into }).increment('duplicates', 1);
    await addFollowers(trx, into, [applicant, ...followers], at);
    await copyPapers(trx, code, into, at);
    await trx('case_links')
      .insert({ id: randomUUID(), case_code: code, other_code: into, kind: 'duplicate', at })
      .onConflict(
        trx.raw(
          '(least(case_code, other_code), greatest(case_code, other_code), kind) WHERE removed_at IS NULL',
        ),
      )
      .ignore();
    await enterMerge(trx, into, code, at);
    return true;
  });
}

async function copyPapers(trx: Transaction, from: string, to: string, at: Date): Promise<void> {
  await trx.raw(
    /* sql */ `
    INSERT INTO case_papers (case_code, number, kind, upload_id, added_at)
    SELECT :to, (SELECT coalesce(max(number), 0) FROM case_papers WHERE case_code = :to) + row_number() OVER (ORDER BY number),
           kind, upload_id, :at
      FROM case_papers WHERE case_code = :from
       AND upload_id NOT IN (SELECT upload_id FROM case_papers WHERE case_code = :to)`,
    { from, to, at },
  );
}

async function enterMerge(trx: Transaction, code: string, from: string, at: Date): Promise<void> {
  const end = await lockRecord(trx, code);
  const details = { case: from };
  await appendEntry(
    trx,
    { case_code: code, ...end },
    { at, actor: engine, event: 'merged', details, reference: `merged:${from}` },
  );
}

/** The followers of a case: they hear what its applicant hears of the matter itself. */
export const followersOf = (trx: Transaction, code: string): Promise<string[]> =>
  trx('case_followers').where({ case_code: code }).pluck<string[]>('sub');
