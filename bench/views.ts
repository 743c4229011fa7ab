import type pg from 'pg';
import type { Database } from '../records/db.ts';
import { plannedAnew } from '../records/prepared.ts';

/** What somebody looks at, as the statements that it asks the database. */
export type View = (db: Database, at: Date) => Promise<unknown>;

const times = 100;

/** Asks a view again and again; gives the milliseconds of each time. */
export async function measure(db: Database, view: View): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < times + 5; round++) {
    const begun = performance.now();
    await view(db, new Date());
    // The first ones read from disk and prepare statements.
    if (round >= 5) took.push(performance.now() - begun);
  }
  return took;
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: Plan[];
}

/**
 * Asks for the plan of each statement of a view, for these values and, where it is kept, for any.
 *
 * @throws Error when one reads all of a large table
 */
export async function mustUseIndexes(
  db: Database,
  planner: pg.Client,
  { name, view, large }: { name: string; view: View; large: readonly string[] },
): Promise<void> {
  const asked: { sql: string; bindings: unknown[] }[] = [];
  const listen = (query: { sql: string; bindings: unknown[] }) => void asked.push(query);
  db.on('query', listen);
  await view(db, new Date());
  db.removeListener('query', listen);
  for (const { sql, bindings } of asked)
    for (const [options, values] of [
      ['FORMAT JSON', bindings],
      ...(sql.startsWith(plannedAnew) ? [] : [['FORMAT JSON, GENERIC_PLAN', undefined] as const]),
    ] as const) {
      const { rows } = await planner.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `EXPLAIN (${options}) ${sql}`,
        values && [...values],
      );
      const scanned = wholeTables(rows[0]!['QUERY PLAN'][0].Plan, large);
      if (scanned.length > 0) throw new Error(`${name} reads all of ${scanned.join(', ')}: ${sql}`);
    }
}

const wholeTables = (plan: Plan, large: readonly string[]): string[] => [
  ...(plan['Node Type'] === 'Seq Scan' && large.includes(plan['Relation Name'] ?? '')
    ? [plan['Relation Name']!]
    : []),
  ...(plan.Plans ?? []).flatMap((part) => wholeTables(part, large)),
];
