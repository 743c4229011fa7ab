import type { Place } from './areas.ts';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { acting } from './policy.ts';
import { append } from './task-acts.ts';
import { mayPerform } from './task-guards.ts';
import { lockedTask } from './task-rows.ts';

/** What the performer of a task told of it before it was done. */
export interface Progress {
  status: string;
  /** When it was, as the performer's device says. */
  happenedAt: Date;
  /** When we heard of it. */
  toldAt: Date;
  place: Place | null;
  note: string;
  by: string;
}

/**
 * Keeps what somebody tells of a task that they may perform and that is open.
 *
 * @throws Refusal by policy, `task-closed` or `claimed-by-another`
 */
export async function tellProgress(
  trx: Transaction,
  { actor, at, id }: { actor: Actor; at: Date; id: string },
  told: { status: string; happenedAt: Date; place?: Place | undefined; note: string },
): Promise<{ case: string }> {
  const task = await lockedTask(trx, id);
  const by = acting(actor, await mayPerform(trx, actor, task, at));
  const { status, place, note } = told;
  // A device whose clock is ahead was not in the future.
  const happenedAt = told.happenedAt > at ? at : told.happenedAt;
  await trx.raw(
    /* sql */ `
    INSERT INTO task_progress (task_id, number, status, happened_at, told_at, place, note, by)
    SELECT :id, coalesce(max(number), 0) + 1, :status, :happenedAt, :at,
           CASE WHEN CAST(:lat AS float8) IS NULL THEN NULL ELSE point(:lng, :lat) END, :note, CAST(:by AS jsonb)
      FROM task_progress WHERE task_id = :id`,
    {
      id,
      status,
      happenedAt,
      at,
      lat: place?.lat ?? null,
      lng: place?.lng ?? null,
      note,
      by: JSON.stringify({ sub: actor.sub, name: actor.name }),
    },
  );
  const details = { task: task.name, number: task.number, status, happenedAt: happenedAt.toISOString() };
  await append(trx, task, { at, actor: by, event: 'progress', details });
  return { case: task.case_code };
}

/** Lists what was told of a task, in the order in which it happened. */
export async function progressOf(db: Database, task: string): Promise<Progress[]> {
  const { rows } = await db.raw<{
    rows: (Omit<Progress, 'place'> & { lat: number | null; lng: number | null })[];
  }>(
    /* sql */ `
    SELECT status, happened_at AS "happenedAt", told_at AS "toldAt", note, by->>'name' AS by,
           place[0] AS lng, place[1] AS lat
      FROM task_progress WHERE task_id = :task ORDER BY happened_at, number`,
    { task },
  );
  return rows.map(({ lat, lng, ...told }) => ({
    ...told,
    place: lat === null || lng === null ? null : { lat, lng },
  }));
}
