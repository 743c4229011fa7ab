import type { Database } from './db.ts';

type Text = { vi: string; en: string };

/** An allocation among those that were published. */
export interface AllocationSummary {
  number: number;
  round: number;
  /** Of a round, of places that came free and were given on, or by the decision on an appeal. */
  kind: 'round' | 'given-on' | 'appeal';
  at: string;
  members: number;
  placed: number;
}

/** Everything that an allocation was made of, and what it decided: enough for anybody to work it out again. */
export interface AllocationFile extends AllocationSummary {
  /** Id of the edition whose rules decide. */
  procedure: string;
  /** In hexadecimal: the seed, and its SHA-256 as it was announced. */
  seed: string;
  commitment: string;
  offers: { code: string; name: string; free: number }[];
  inputs: { id: string; input: Record<string, unknown> }[];
  placements: { id: string; offer: string | null; rank: number; why: Text }[];
}

interface Row {
  number: number;
  round: number;
  key: string;
  at: Date;
  counts: { members: number; placed: number };
}

const summaryOf = ({ number, round, key, at, counts }: Row): AllocationSummary => ({
  number,
  round,
  kind: key.startsWith('round:') ? 'round' : key.startsWith('on:') ? 'given-on' : 'appeal',
  at: at.toISOString(),
  members: counts.members,
  placed: counts.placed,
});

/** An allocation that was sent back is nobody's; the others are everybody's from their publication on. */
const published = (db: Database, campaign: string) =>
  db('allocations')
    .join('campaign_rounds', function join() {
      this.on('campaign_rounds.campaign', 'allocations.campaign').andOn(
        'campaign_rounds.number',
        'allocations.round',
      );
    })
    .where('allocations.campaign', campaign)
    .whereNotNull('published_at')
    .whereRaw(`(allocations.key NOT LIKE 'round:%' OR allocations.number = campaign_rounds.allocation)`);

/** Lists the allocations of a campaign that were published, in their order. */
export async function listAllocations(db: Database, campaign: string): Promise<AllocationSummary[]> {
  const rows = await published(db, campaign).orderBy('allocations.number').select<Row[]>({
    number: 'allocations.number',
    round: 'allocations.round',
    key: 'key',
    at: 'at',
    counts: 'counts',
  });
  return rows.map(summaryOf);
}

/** Gives a published allocation with everything that it was made of; undefined where there is none of that number. */
export async function findAllocationFile(
  db: Database,
  campaign: string,
  number: number,
): Promise<AllocationFile | undefined> {
  const row = await published(db, campaign).where('allocations.number', number).first<
    | (Row & {
        free: Record<string, number>;
        seed: Buffer;
        commitment: string;
      })
    | undefined
  >({
    number: 'allocations.number',
    round: 'allocations.round',
    key: 'key',
    at: 'at',
    counts: 'counts',
    free: 'free',
    seed: 'seed',
    commitment: 'commitment',
  });
  if (!row) return undefined;
  const [{ procedure }, names, inputs, placements] = await Promise.all([
    db('cases').where({ code: campaign }).first<{ procedure: string }>('procedure'),
    db('campaign_offers')
      .where({ campaign })
      .select<{ code: string; name: string }[]>('code', db.raw(`details->>'name' AS name`)),
    db.raw<{ rows: AllocationFile['inputs'] }>(
      /* sql */ `
      SELECT m.pseudonym AS id, i.input
        FROM allocations a, jsonb_array_elements(a.members) AS taken
             JOIN campaign_members m ON m.case_code = taken->>0
             JOIN member_inputs i ON i.case_code = m.case_code AND i.number = CAST(taken->>1 AS int)
       WHERE a.campaign = :campaign AND a.number = :number ORDER BY m.pseudonym`,
      { campaign, number },
    ),
    db.raw<{ rows: AllocationFile['placements'] }>(
      /* sql */ `
      SELECT m.pseudonym AS id, p.offer, p.rank, p.why FROM placements p JOIN campaign_members m ON m.case_code = p.case_code
       WHERE p.campaign = :campaign AND p.allocation = :number ORDER BY m.pseudonym`,
      { campaign, number },
    ),
  ]);
  const nameOf = new Map(names.map(({ code, name }) => [code, name]));
  return {
    ...summaryOf(row),
    procedure,
    seed: row.seed.toString('hex'),
    commitment: row.commitment,
    offers: Object.entries(row.free).map(([code, free]) => ({ code, name: nameOf.get(code) ?? code, free })),
    inputs: inputs.rows,
    placements: placements.rows,
  };
}

/** What a campaign has decided of a member, as whoever has its pseudonym may read it: nobody is named. */
export interface PublicResult {
  pseudonym: string;
  round: number;
  /** Where a place was given last; null while there is none. */
  offer: { code: string; name: string } | null;
  why: Text | null;
  /** Whether the place was confirmed, is waited for, or went on to somebody else. */
  state: 'no-result' | 'offered' | 'confirmed' | 'waiting' | 'ended';
}

const resultColumns = /* sql */ `
  SELECT m.campaign, m.pseudonym, m.round, p.why, p.allocation IS NOT NULL AS decided, held.offer, o.details->>'name' AS name,
         held.confirmed_at IS NOT NULL AS confirmed, c.closed_at IS NOT NULL AS ended
    FROM campaign_members m JOIN cases c ON c.code = m.case_code
         LEFT JOIN LATERAL (SELECT why, allocation FROM placements p WHERE p.case_code = m.case_code AND p.published
                             ORDER BY allocation DESC LIMIT 1) p ON true
         LEFT JOIN places held ON held.case_code = m.case_code
         LEFT JOIN campaign_offers o ON o.campaign = held.campaign AND o.code = held.offer`;

interface ResultRow {
  campaign: string;
  pseudonym: string;
  round: number;
  why: Text | null;
  decided: boolean;
  offer: string | null;
  name: string | null;
  confirmed: boolean;
  ended: boolean;
}

const resultOf = (row: ResultRow): PublicResult => ({
  pseudonym: row.pseudonym,
  round: row.round,
  offer: row.offer === null ? null : { code: row.offer, name: row.name ?? row.offer },
  why: row.why,
  state: row.confirmed
    ? 'confirmed'
    : row.offer !== null
      ? 'offered'
      : !row.decided
        ? 'no-result'
        : row.ended
          ? 'ended'
          : 'waiting',
});

/** Finds the result of a member by its pseudonym. */
export async function findResult(
  db: Database,
  campaign: string,
  pseudonym: string,
): Promise<PublicResult | undefined> {
  const { rows } = await db.raw<{ rows: ResultRow[] }>(
    `${resultColumns} WHERE m.campaign = :campaign AND m.pseudonym = :pseudonym`,
    { campaign, pseudonym },
  );
  return rows[0] && resultOf(rows[0]);
}

/** Finds the result of a case that is a member of a campaign, for who may read the case. */
export async function resultOfCase(
  db: Database,
  code: string,
): Promise<(PublicResult & { campaign: string }) | undefined> {
  const { rows } = await db.raw<{ rows: ResultRow[] }>(`${resultColumns} WHERE m.case_code = :code`, {
    code,
  });
  return rows[0] && { ...resultOf(rows[0]), campaign: rows[0].campaign };
}
