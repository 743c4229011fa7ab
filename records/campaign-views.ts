import type { Database } from './db.ts';

/** How the places of an offer stand. */
export interface OfferCounts {
  code: string;
  name: string;
  planned: number;
  /** Places beyond the plan, given on appeal. */
  extra: number;
  /** Given and not confirmed yet. */
  offered: number;
  confirmed: number;
  free: number;
}

/** Counts the places of a campaign, offer by offer. */
export async function countPlaces(db: Database, campaign: string): Promise<OfferCounts[]> {
  const { rows } = await db.raw<{ rows: OfferCounts[] }>(
    /* sql */ `
    SELECT o.code, o.details->>'name' AS name, o.planned,
           (count(*) FILTER (WHERE p.number > o.planned))::int AS extra,
           (count(*) FILTER (WHERE p.case_code IS NOT NULL AND p.confirmed_at IS NULL))::int AS offered,
           (count(*) FILTER (WHERE p.confirmed_at IS NOT NULL))::int AS confirmed,
           (count(*) FILTER (WHERE p.number IS NOT NULL AND p.case_code IS NULL))::int AS free
      FROM campaign_offers o LEFT JOIN places p ON p.campaign = o.campaign AND p.offer = o.code
     WHERE o.campaign = :campaign GROUP BY o.code, o.details, o.planned ORDER BY o.code`,
    { campaign },
  );
  return rows;
}

/** How the members of a campaign stand. */
export interface MemberCounts {
  /** All that were ever filed in it. */
  applied: number;
  /** Open ones whose checks go on: asked of agencies now, with an officer, or waiting for a system that does not answer. */
  checking: number;
  inQueue: number;
  waitingForSystem: number;
  /** Checked, and waiting for a decision or for a place. */
  ready: number;
  waiting: number;
  /** Told of a place and asked to confirm it. */
  offered: number;
  confirmed: number;
  appealing: number;
  withdrawn: number;
  /** Ended without a place that they had: declined, or not confirmed in time. */
  released: number;
}

/** Counts the members of a campaign by how they stand. */
export async function countMembers(db: Database, campaign: string): Promise<MemberCounts> {
  const { rows } = await db.raw<{ rows: [MemberCounts] }>(
    /* sql */ `
    WITH members AS MATERIALIZED (
      SELECT c.code, c.closed_at IS NULL AS open, c.outcome, c.waiting, p.case_code IS NOT NULL AS held, p.confirmed_at,
             EXISTS (SELECT FROM tasks t WHERE t.case_code = c.code AND t.state = 'open' AND t.name = 'placement') AS ready,
             EXISTS (SELECT FROM tasks t WHERE t.case_code = c.code AND t.state = 'open'
                       AND t.role NOT IN ('citizen', 'engine')) AS with_officer,
             EXISTS (SELECT FROM placements r WHERE r.case_code = c.code AND r.published) AS decided
        FROM campaign_members m JOIN cases c ON c.code = m.case_code LEFT JOIN places p ON p.case_code = c.code
       WHERE m.campaign = :campaign
    )
    SELECT count(*)::int AS applied,
           (count(*) FILTER (WHERE open AND NOT ready AND NOT decided AND NOT with_officer AND waiting IS NULL))::int AS checking,
           (count(*) FILTER (WHERE open AND NOT ready AND NOT decided AND with_officer))::int AS "inQueue",
           (count(*) FILTER (WHERE open AND NOT decided AND waiting IS NOT NULL))::int AS "waitingForSystem",
           (count(*) FILTER (WHERE open AND ready AND NOT decided))::int AS ready,
           (count(*) FILTER (WHERE open AND decided AND NOT held))::int AS waiting,
           (count(*) FILTER (WHERE open AND held AND confirmed_at IS NULL))::int AS offered,
           (count(*) FILTER (WHERE confirmed_at IS NOT NULL))::int AS confirmed,
           (count(*) FILTER (WHERE open AND decided AND with_officer))::int AS appealing,
           (count(*) FILTER (WHERE outcome = 'withdrawn'))::int AS withdrawn,
           (count(*) FILTER (WHERE NOT open AND decided AND confirmed_at IS NULL AND outcome <> 'withdrawn'
                               AND EXISTS (SELECT FROM placements r WHERE r.case_code = members.code AND r.published
                                             AND r.offer IS NOT NULL)))::int AS released
      FROM members`,
    { campaign },
  );
  return rows[0];
}
