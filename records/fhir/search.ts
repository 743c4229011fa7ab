import type { DateSearch } from '../../fhir/dates.ts';
import type { StoredType } from '../../fhir/resource-types.ts';
import type { Database, Transaction } from '../db.ts';
import { plannedAnew } from '../prepared.ts';
import { bindingsOf, isGranted, type Reader } from './grounds.ts';
import { columns, keptOf, type Kept } from './resources.ts';

/** What is searched for; all of it must hold, and of each list one of its values. */
export interface Search {
  ids?: string[] | undefined;
  /** Ids of patients. */
  patients?: string[] | undefined;
  /** As resources.ts words them. */
  identifiers?: string[] | undefined;
  dates: DateSearch[];
  updated: DateSearch[];
  count: number;
  /** Where the page before has ended. */
  after?: Position | undefined;
}

/** The last of a page: the next one begins behind it. */
export interface Position {
  updatedAt: string;
  id: string;
}

/** A page of what was found. */
export interface Found<Row> {
  rows: Row[];
  total: number;
  next: Position | undefined;
}

/** Where is searched: rows `r` with what searches compare. */
export interface Searched {
  select: string;
  from: string;
  /** What a reader may see of it. */
  where: string;
  id: string;
  updatedAt: string;
  record: string;
  /** From when to when what a row tells of was. */
  time: [string, string];
  identifiers?: string;
}

/** How each prefix compares the time of a row, from `lo` to `hi`, with the one that is searched for; ends are not in them. */
const comparisons: Readonly<Record<DateSearch['prefix'], string>> = {
  eq: 'lo >= :from AND hi <= :to',
  ne: 'NOT (lo >= :from AND hi <= :to)',
  gt: 'hi > :to',
  lt: 'lo < :from',
  ge: '(hi > :to OR (lo >= :from AND hi <= :to))',
  le: '(lo < :from OR (lo >= :from AND hi <= :to))',
  sa: 'lo >= :to',
  eb: 'hi <= :from',
  ap: '(lo < :to AND hi > :from)',
};

/** Conditions of a search for dates, with their values under names of their own. */
function datesIn(searches: DateSearch[], name: string, [lo, hi]: readonly [string, string]) {
  const bindings: Record<string, Date> = {};
  const conditions = searches.map(({ prefix, from, to }, index) => {
    const [start, end] = [`${name}From${index}`, `${name}To${index}`];
    Object.assign(bindings, { [start]: from, [end]: to });
    return comparisons[prefix].replaceAll(/\b(lo|hi)\b|:(from|to)\b/g, (_all, side?: string, at?: string) =>
      side === 'lo' ? lo : side === 'hi' ? hi : `:${at === 'from' ? start : end}`,
    );
  });
  return { conditions, bindings };
}

/** An instant as a time of its own: our instants are those of JavaScript. */
const moment = (at: string) => [at, `${at} + interval '1 millisecond'`] as const;

/** Searches rows, the latest change first; what a reader may not see is neither shown nor counted. */
export async function searchRows<Row extends { id: string; updated_at: Date }>(
  db: Database | Transaction,
  reader: Reader,
  { select, from, where: may, id, updatedAt, record, time, identifiers: words }: Searched,
  { ids, patients, identifiers, count, after, ...search }: Search,
): Promise<Found<Row>> {
  const dates = datesIn(search.dates, 'date', time);
  const updated = datesIn(search.updated, 'updated', moment(updatedAt));
  const where = [
    may,
    ...(ids ? [`${id} = ANY(:ids)`] : []),
    ...(patients ? [`${record} = ANY(:patients)`] : []),
    ...(identifiers ? [words ? `${words} && :identifiers AND ${words} <> '{}'` : 'false'] : []),
    ...dates.conditions,
    ...updated.conditions,
  ].join(' AND ');
  const bindings = {
    ...bindingsOf(reader),
    ...dates.bindings,
    ...updated.bindings,
    ids: ids ?? null,
    patients: patients ?? null,
    identifiers: identifiers ?? null,
  };
  const { rows } = await db.raw<{ rows: Row[] }>(
    /* sql */ `${plannedAnew}
    SELECT ${select} FROM ${from} WHERE ${where}
       ${after ? `AND (${updatedAt}, ${id}) < (CAST(:updatedAt AS timestamptz), CAST(:after AS uuid))` : ''}
     ORDER BY ${updatedAt} DESC, ${id} DESC LIMIT :limit`,
    { ...bindings, updatedAt: after?.updatedAt ?? null, after: after?.id ?? null, limit: count + 1 },
  );
  const page = rows.slice(0, count);
  const more = rows.length > count;
  const last = more ? page.at(-1) : undefined;
  // Of a single page the total is seen.
  const all = async () =>
    (
      await db.raw<{ rows: [{ total: number }] }>(
        `${plannedAnew} SELECT count(*) AS total FROM ${from} WHERE ${where}`,
        bindings,
      )
    ).rows[0].total;
  return {
    rows: page,
    total: after || more ? await all() : page.length,
    next: last && { updatedAt: last.updated_at.toISOString(), id: last.id },
  };
}

/** Searches the resources of a type. */
export async function searchResources(
  db: Database | Transaction,
  reader: Reader,
  type: StoredType,
  search: Search,
): Promise<Found<Kept>> {
  const found = await searchRows<Parameters<typeof keptOf>[0]>(
    db,
    reader,
    {
      select: columns,
      from: 'fhir_resources r',
      where: `r.type = '${type}' AND r.resource IS NOT NULL AND ${isGranted}`,
      id: 'r.id',
      updatedAt: 'r.updated_at',
      record: 'r.record_id',
      time: ['r.from_at', 'r.to_at'],
      identifiers: 'r.identifiers',
    },
    search,
  );
  return { ...found, rows: found.rows.map(keptOf) };
}
