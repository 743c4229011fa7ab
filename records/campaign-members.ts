import { knownAnswers } from './answers.ts';
import type { Database } from './db.ts';
import { noticeAll } from './notices.ts';
import { digest } from './record.ts';

/** What is known of a member when an allocation looks at it. */
export interface MemberNow {
  caseCode: string;
  answers: Record<string, unknown>;
  findings: Record<string, unknown>;
  tasks: Record<string, unknown>;
  /** The input that an earlier allocation made of it. */
  last: { number: number; input: Record<string, unknown> } | null;
}

/** Of which members of a campaign an allocation, by its key, makes the inputs. */
export interface LookingAt {
  campaign: string;
  round: number;
  key: string;
}

/** Reads some members of a round at which an allocation has not looked yet. */
export async function membersToLookAt(
  db: Database,
  { campaign, round, key }: LookingAt,
  limit: number,
): Promise<MemberNow[]> {
  const { rows } = await db.raw<{ rows: MemberNow[] }>(
    /* sql */ `
    WITH chosen AS MATERIALIZED (
      SELECT case_code, input FROM campaign_members JOIN cases ON code = case_code
       WHERE campaign = :campaign AND round = :round AND looked_at_for IS DISTINCT FROM :key AND closed_at IS NULL
       ORDER BY case_code LIMIT :limit
    )
    SELECT chosen.case_code AS "caseCode", ${knownAnswers('c')} AS answers,
           coalesce((SELECT jsonb_object_agg(effect, answer ORDER BY number) FROM effects
                      WHERE effects.case_code = c.code AND (c.amended_at IS NULL OR effects.at >= c.amended_at)),
                    '{}') AS findings,
           coalesce((SELECT jsonb_object_agg(name, answer ORDER BY number) FROM tasks
                      WHERE tasks.case_code = c.code AND state = 'done'), '{}') AS tasks,
           (SELECT jsonb_build_object('number', number, 'input', member_inputs.input) FROM member_inputs
             WHERE member_inputs.case_code = c.code AND number = chosen.input) AS last
      FROM chosen JOIN cases c ON c.code = chosen.case_code`,
    { campaign, round, key, limit },
  );
  return rows;
}

/** Keeps what allocations shall know of members; an input that has not changed keeps its number. */
export async function keepInputs(
  db: Database,
  { key }: LookingAt,
  inputs: readonly { member: MemberNow; input: Record<string, unknown> }[],
): Promise<void> {
  const rows = inputs.map(({ member: { caseCode, last }, input }) => {
    const same = last !== null && digest(last.input) === digest(input);
    return { code: caseCode, number: same ? last.number : (last?.number ?? 0) + 1, input };
  });
  await db.raw(
    /* sql */ `
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (code text, number int, input jsonb)
    ), kept AS (
      INSERT INTO member_inputs (case_code, number, input) SELECT code, number, input FROM given ON CONFLICT DO NOTHING
    )
    UPDATE campaign_members SET input = given.number, looked_at_for = :key FROM given WHERE case_code = given.code`,
    { key, rows: JSON.stringify(rows) },
  );
}

/** How many members of a round an allocation has looked at, and of how many the checks were not at an end. */
export async function lookedAt(
  db: Database,
  { campaign, round, key }: LookingAt,
): Promise<{ members: number; unchecked: number }> {
  const { rows } = await db.raw<{ rows: [{ members: number; unchecked: number }] }>(
    /* sql */ `
    SELECT count(*)::int AS members, (count(*) FILTER (WHERE NOT EXISTS (
             SELECT FROM tasks WHERE tasks.case_code = m.case_code AND name = 'placement' AND state = 'open')))::int AS unchecked
      FROM campaign_members m JOIN cases ON code = m.case_code
     WHERE campaign = :campaign AND round = :round AND looked_at_for = :key AND closed_at IS NULL`,
    { campaign, round, key },
  );
  return rows[0];
}

/** Lets those who have no place after a round take part in the next one, with the window in which they may change their applications. */
export async function carryOver(
  db: Database,
  { campaign, round, at }: { campaign: string; round: number; at: Date },
): Promise<number> {
  return db.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: { code: string; recipient: string }[] }>(
      /* sql */ `
    WITH carried AS (
      UPDATE campaign_members m SET round = :round + 1
        FROM cases WHERE code = m.case_code AND closed_at IS NULL AND m.campaign = :campaign AND m.round = :round
         AND NOT EXISTS (SELECT FROM places WHERE places.case_code = m.case_code)
       RETURNING m.case_code
    )
    UPDATE cases SET filing_window = campaign_rounds.filing_window
      FROM carried, campaign_rounds
     WHERE cases.code = carried.case_code AND campaign_rounds.campaign = :campaign AND campaign_rounds.number = :round + 1
    RETURNING code, applicant_sub AS recipient`,
      { campaign, round },
    );
    const told = rows.map(({ code, recipient }) => ({ code, notice: 'nextRound' as const, recipient }));
    await noticeAll(trx, told, at);
    return rows.length;
  });
}

/** Lists who has confirmed a place at an offer of a campaign, with what their applications say now. */
export async function confirmedMembers(
  db: Database,
  campaign: string,
  offer: string,
): Promise<{ caseCode: string; answers: Record<string, unknown> }[]> {
  const { rows } = await db.raw<{ rows: { caseCode: string; answers: Record<string, unknown> }[] }>(
    /* sql */ `
    SELECT c.code AS "caseCode", ${knownAnswers('c')} AS answers
      FROM places p JOIN cases c ON c.code = p.case_code
     WHERE p.campaign = :campaign AND p.offer = :offer AND p.confirmed_at IS NOT NULL ORDER BY c.code`,
    { campaign, offer },
  );
  return rows;
}
