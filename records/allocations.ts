import type { Database, Transaction } from './db.ts';

/** A member as an allocation takes it. */
export interface AllocationMember {
  caseCode: string;
  pseudonym: string;
  /** Number of its input. */
  number: number;
  input: Record<string, unknown>;
}

/** What an allocation starts from. */
export interface AllocationStart {
  /** Free places by offer, with what the offer is called. */
  offers: { code: string; name: string; free: number }[];
  members: AllocationMember[];
  seed: Buffer;
}

/** What an allocation has decided of a member. */
export interface DecidedPlacement {
  caseCode: string;
  offer: string | null;
  rank: number;
  why: { vi: string; en: string };
}

/** How many got a place, and how many wait. */
export interface AllocationCounts {
  allocation: number;
  members: number;
  unchecked: number;
  placed: number;
  waiting: number;
}

/** Finds what came of an allocation, by its business key. */
export async function findAllocation(
  db: Database | Transaction,
  campaign: string,
  key: string,
): Promise<AllocationCounts | undefined> {
  const row = await db('allocations')
    .where({ campaign, key })
    .first<{ number: number; counts: Omit<AllocationCounts, 'allocation'> } | undefined>('number', 'counts');
  return row && { allocation: row.number, ...row.counts };
}

/** SQL of the free places of a campaign by offer. */
const freePlaces = /* sql */ `
  SELECT o.code, o.details->>'name' AS name,
         (SELECT count(*)::int FROM places p
           WHERE p.campaign = o.campaign AND p.offer = o.code AND p.case_code IS NULL) AS free
    FROM campaign_offers o WHERE o.campaign = :campaign ORDER BY o.code`;

/** Reads what the allocation of a round starts from: the members that it has looked at and that hold no place. */
export async function readStart(
  db: Database,
  { campaign, round, key }: { campaign: string; round: number; key: string },
): Promise<AllocationStart> {
  const [offers, members, found] = await Promise.all([
    db.raw<{ rows: AllocationStart['offers'] }>(freePlaces, { campaign }),
    db.raw<{ rows: AllocationMember[] }>(
      /* sql */ `
      SELECT m.case_code AS "caseCode", pseudonym, i.number, i.input
        FROM campaign_members m JOIN cases ON code = m.case_code
             JOIN member_inputs i ON i.case_code = m.case_code AND i.number = m.input
       WHERE campaign = :campaign AND round = :round AND looked_at_for = :key AND closed_at IS NULL
         AND NOT EXISTS (SELECT FROM places p WHERE p.case_code = m.case_code)`,
      { campaign, round, key },
    ),
    db('campaign_rounds').where({ campaign, number: round }).first<{ seed: Buffer }>('seed'),
  ]);
  return { offers: offers.rows, members: members.rows, seed: found.seed };
}

/** An allocation that was made, to be kept. */
export interface MadeAllocation {
  campaign: string;
  round: number;
  key: string;
  at: Date;
  start: AllocationStart;
  placements: readonly DecidedPlacement[];
  unchecked: number;
}

/** Keeps an allocation under its key, once; gives what came of it. */
export async function keepAllocation(trx: Transaction, made: MadeAllocation): Promise<AllocationCounts> {
  const { campaign, round, key, at, start, placements, unchecked } = made;
  await trx('campaigns').where({ code: campaign }).forUpdate().first('code');
  const kept = await findAllocation(trx, campaign, key);
  if (kept) return kept;
  const last = await trx('allocations')
    .where({ campaign })
    .max({ number: 'number' })
    .first<{ number: number | null } | undefined>();
  const number = (last?.number ?? 0) + 1;
  const placed = placements.filter(({ offer }) => offer !== null).length;
  const members = start.members.length;
  const counts = { members, unchecked, placed, waiting: members - placed };
  await trx('allocations').insert({
    campaign,
    number,
    round,
    key,
    at,
    free: JSON.stringify(Object.fromEntries(start.offers.map(({ code, free }) => [code, free]))),
    members: JSON.stringify(start.members.map((member) => [member.caseCode, member.number])),
    counts: JSON.stringify(counts),
  });
  await trx.raw(
    /* sql */ `
    INSERT INTO placements (campaign, allocation, case_code, offer, rank, why)
    SELECT :campaign, :number, "caseCode", offer, rank, why
      FROM jsonb_to_recordset(CAST(:placements AS jsonb))
        AS placement ("caseCode" text, offer text, rank int, why jsonb)`,
    { campaign, number, placements: JSON.stringify(placements) },
  );
  return { allocation: number, ...counts };
}

/**
 * SQL that gives the places of an allocation's placements to those cases that are still open: as many as there are free rows, the
 * first of each offer first.
 */
const givePlaces = /* sql */ `
  WITH chosen AS (
    SELECT r.case_code, r.offer, row_number() OVER (PARTITION BY r.offer ORDER BY r.rank) AS nth
      FROM placements r JOIN cases ON code = r.case_code AND closed_at IS NULL
     WHERE r.campaign = :campaign AND r.allocation = :allocation AND r.offer IS NOT NULL
       AND NOT EXISTS (SELECT FROM places p WHERE p.case_code = r.case_code)
  ), free AS (
    SELECT offer, number, row_number() OVER (PARTITION BY offer ORDER BY number) AS nth
      FROM places WHERE campaign = :campaign AND case_code IS NULL
  )
  UPDATE places SET case_code = chosen.case_code, given_at = :at, freed = false
    FROM chosen JOIN free USING (offer, nth)
   WHERE places.campaign = :campaign AND places.offer = free.offer AND places.number = free.number
  RETURNING places.case_code`;

/** Gives the places of an allocation to those who got them; says how many were given. */
export async function giveAllocated(
  trx: Transaction,
  { campaign, allocation, at }: { campaign: string; allocation: number; at: Date },
): Promise<number> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(givePlaces, { campaign, allocation, at });
  await trx('placements').where({ campaign, allocation }).update({ published: true });
  return rows.length;
}

/** Publishes the allocation of a round, once: its places are given, its seed is public. */
export async function publishAllocation(
  trx: Transaction,
  { campaign, round, allocation, at }: { campaign: string; round: number; allocation: number; at: Date },
): Promise<void> {
  await trx('campaigns').where({ code: campaign }).forUpdate().first('code');
  const published = await trx('campaign_rounds')
    .where({ campaign, number: round })
    .whereNull('published_at')
    .update({ published_at: at, allocation });
  if (published > 0) await giveAllocated(trx, { campaign, allocation, at });
}

/**
 * Takes back what ended cases hold without having confirmed it: somebody may have withdrawn while their place was being given.
 */
export async function takeBackFromEnded(trx: Transaction, campaign: string): Promise<void> {
  await trx.raw(
    /* sql */ `
    UPDATE places SET case_code = NULL, given_at = NULL, freed = true
      FROM cases WHERE code = case_code AND closed_at IS NOT NULL AND confirmed_at IS NULL AND campaign = :campaign`,
    { campaign },
  );
}

/** Reads what is to be given on: the free places, and who of the published rounds has none and waits. */
export async function readGivingOn(
  trx: Transaction,
  campaign: string,
): Promise<(AllocationStart & { round: number; key: string; freed: number }) | undefined> {
  await trx('campaigns').where({ code: campaign }).forUpdate().first('code');
  await takeBackFromEnded(trx, campaign);
  const round = await trx('campaign_rounds')
    .where({ campaign })
    .whereNotNull('published_at')
    .orderBy('number', 'desc')
    .first<{ number: number; seed: Buffer } | undefined>('number', 'seed');
  if (!round) return undefined;
  const { rows: offers } = await trx.raw<{ rows: AllocationStart['offers'] }>(freePlaces, { campaign });
  const { rows: members } = await trx.raw<{ rows: AllocationMember[] }>(
    /* sql */ `
    SELECT m.case_code AS "caseCode", pseudonym, i.number, i.input
      FROM campaign_members m JOIN cases ON code = m.case_code
           JOIN member_inputs i ON i.case_code = m.case_code AND i.number = m.input
     WHERE m.campaign = :campaign AND m.round <= :round AND closed_at IS NULL
       AND EXISTS (SELECT FROM placements p WHERE p.case_code = m.case_code AND p.published)
       AND NOT EXISTS (SELECT FROM places held WHERE held.case_code = m.case_code)
       AND EXISTS (SELECT FROM tasks t WHERE t.case_code = m.case_code AND t.name = 'placement' AND t.state = 'open')`,
    { campaign, round: round.number },
  );
  const row = await trx('places').where({ campaign, freed: true }).count<{ count: string }[]>().first();
  const { count } = (await trx('allocations').where({ campaign }).count<{ count: string }[]>().first()) ?? {
    count: '0',
  };
  return {
    offers,
    members,
    seed: round.seed,
    round: round.number,
    key: `on:${Number(count) + 1}`,
    freed: Number(row?.count ?? 0),
  };
}

/** Says that what is free has been looked at: nobody who waits wants it. */
export async function settleFreed(trx: Transaction, campaign: string): Promise<void> {
  await trx('places').where({ campaign, freed: true }).update({ freed: false });
}
