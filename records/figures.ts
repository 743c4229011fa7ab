import type { Database } from './db.ts';
import { isDue } from './outbox.ts';

/** Counts that tell an operator whether work flows; each becomes a gauge `motcua_<name>`. */
export type Figures = Record<
  'outbox_unsent' | 'outbox_oldest_seconds' | 'tasks_open' | 'tasks_overdue' | 'cases_open',
  number
>;

/** Reads the figures as of an instant; ages are in seconds. */
export async function figures(db: Database, at: Date): Promise<Figures> {
  const { rows } = await db.raw<{ rows: [Figures] }>(
    /* sql */ `
    SELECT (SELECT count(*) FROM outbox o WHERE ${isDue})::int AS outbox_unsent,
           (SELECT coalesce(extract(epoch FROM :at::timestamptz - min(created_at)), 0)
              FROM outbox o WHERE ${isDue})::float AS outbox_oldest_seconds,
           (SELECT count(*) FROM tasks WHERE state = 'open')::int AS tasks_open,
           (SELECT count(*) FROM tasks WHERE state = 'open' AND due_at < :at)::int AS tasks_overdue,
           (SELECT count(*) FROM cases WHERE closed_at IS NULL)::int AS cases_open`,
    { at },
  );
  return rows[0];
}
