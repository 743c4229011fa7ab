import type { Database, Transaction } from './db.ts';
import { answerTasks, type EngineAnswer } from './engine-answers.ts';
import { noticeAll } from './notices.ts';

interface Untold {
  code: string;
  applicant: string;
  allocation: number | null;
  offer: string | null;
  name: string | null;
  why: { vi: string; en: string } | null;
  confirmBy: Date | null;
  appealBy: Date;
  givenAt: Date | null;
}

/** How many days, at least, somebody keeps a place that comes free late. */
export interface Telling {
  campaign: string;
  keepsDays: number;
  at: Date;
}

/** What members are told: how the answer and the notice are called. */
const notices = { offered: 'offered', waiting: 'waiting', none: 'notPlaced' } as const;

/**
 * Tells some members of a campaign what was decided of them, once for each decision, as far as they wait for it: their task is
 * answered, their case is told, and a notice is written.
 *
 * @returns how many were told
 */
export async function tellPlacements(db: Database, telling: Telling, limit: number): Promise<number> {
  return db.transaction(async (trx) => {
    const untold = await readUntold(trx, telling.campaign, limit);
    await tell(trx, telling, untold, (row) => (row.offer === null ? 'waiting' : 'offered'));
    const placements = untold.filter(({ allocation }) => allocation !== null);
    await trx.raw(
      /* sql */ `
      UPDATE placements SET told_at = :at FROM jsonb_to_recordset(CAST(:told AS jsonb)) AS told (code text, allocation int)
       WHERE case_code = told.code AND placements.allocation = told.allocation`,
      { at: telling.at, told: JSON.stringify(placements) },
    );
    return untold.length;
  });
}

/** Tells some members who still wait when a campaign closes that there will be no place; says how many. */
export async function tellNoPlace(db: Database, telling: Telling, limit: number): Promise<number> {
  return db.transaction(async (trx) => {
    await trx('campaigns')
      .where({ code: telling.campaign })
      .whereNull('closing_at')
      .update({ closing_at: telling.at });
    const { rows } = await trx.raw<{ rows: Untold[] }>(
      /* sql */ `
      SELECT c.code, c.applicant_sub AS applicant, NULL AS allocation, NULL AS offer, NULL AS name,
             (SELECT why FROM placements p WHERE p.case_code = c.code AND p.published ORDER BY allocation DESC LIMIT 1) AS why,
             NULL AS "confirmBy", r.appeal_by AS "appealBy", NULL AS "givenAt"
        FROM campaign_members m JOIN cases c ON c.code = m.case_code
             JOIN campaign_rounds r ON r.campaign = m.campaign AND r.number = m.round
             JOIN tasks t ON t.case_code = c.code AND t.name = 'placement' AND t.state = 'open'
       WHERE m.campaign = :campaign AND NOT EXISTS (SELECT FROM places WHERE places.case_code = c.code)
       ORDER BY c.code LIMIT :limit FOR UPDATE OF m`,
      { campaign: telling.campaign, limit },
    );
    await tell(trx, telling, rows, () => 'none');
    return rows.length;
  });
}

/** The latest decision on each member, as far as it was not told and is waited for. */
async function readUntold(trx: Transaction, campaign: string, limit: number): Promise<Untold[]> {
  const { rows } = await trx.raw<{ rows: Untold[] }>(
    /* sql */ `
    SELECT c.code, c.applicant_sub AS applicant, p.allocation, p.offer,
           o.details->>'name' AS name, p.why, r.confirm_by AS "confirmBy", r.appeal_by AS "appealBy",
           held.given_at AS "givenAt"
      FROM campaign_members m JOIN cases c ON c.code = m.case_code
           JOIN campaign_rounds r ON r.campaign = m.campaign AND r.number = m.round
           JOIN tasks t ON t.case_code = c.code AND t.name = 'placement' AND t.state = 'open'
           JOIN LATERAL (SELECT * FROM placements p WHERE p.case_code = c.code AND p.published
                          ORDER BY allocation DESC LIMIT 1) p ON true
           LEFT JOIN places held ON held.case_code = c.code AND held.offer = p.offer
           LEFT JOIN campaign_offers o ON o.campaign = m.campaign AND o.code = p.offer
     WHERE m.campaign = :campaign AND p.told_at IS NULL
       -- Whoever withdrew meanwhile, or whose place was taken back, is told of it no more.
       AND (p.offer IS NULL OR held.case_code IS NOT NULL)
     ORDER BY c.code LIMIT :limit FOR UPDATE OF m`,
    { campaign, limit },
  );
  return rows;
}

async function tell(
  trx: Transaction,
  { keepsDays, at }: Telling,
  rows: readonly Untold[],
  resultOf: (row: Untold) => keyof typeof notices,
): Promise<void> {
  if (rows.length === 0) return;
  const answers = rows.map((row): EngineAnswer & { row: Untold; result: keyof typeof notices } => {
    const result = resultOf(row);
    const offered = result === 'offered';
    const told = {
      result,
      ...(offered ? { offer: row.offer, confirmBy: keptUntil(row, keepsDays).toISOString() } : {}),
      ...(result === 'none' ? {} : { appealBy: row.appealBy.toISOString() }),
    };
    const personal = {
      ...(offered && row.name ? { placeName: row.name } : {}),
      ...(row.why ? { placeWhy: row.why.vi } : {}),
    };
    return { caseCode: row.code, told, personal, row, result };
  });
  const answered = new Set(await answerTasks(trx, 'placement', answers, at));
  const told = answers
    .filter(({ caseCode }) => answered.has(caseCode))
    .map(({ row: { code, applicant }, result }) => ({ code, notice: notices[result], recipient: applicant }));
  await noticeAll(trx, told, at);
}

/** Until when a place is kept: as announced, or a few days more where it comes late. */
function keptUntil({ confirmBy, givenAt }: Untold, days: number): Date {
  const least = (givenAt?.getTime() ?? 0) + days * 86_400_000;
  return new Date(Math.max(confirmBy?.getTime() ?? 0, least));
}
