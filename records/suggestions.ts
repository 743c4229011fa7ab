import type { Actor, Person } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { mayAssign } from './task-guards.ts';
import { joinedTasks, noTask, taskColumns, type TaskRow } from './task-rows.ts';

/** An officer to whom a task could be given, with the reason in plain words. */
export interface Suggestion {
  officer: Person & { title: string | null };
  /** Open tasks that they have claimed, of which so many are overdue or due within two days. */
  load: { open: number; overdue: number; soon: number };
  /** Tasks of this procedure that they have done in the last 90 days. */
  experience: number;
  /** Whether they have done a task of this case before. */
  knowsCase: boolean;
  reason: { vi: string; en: string };
}

const day = 86_400_000;
const experienceDays = 90;
/** So much experience is as good as one open task less; more than the most makes nobody better. */
const experienceOfATask = 20;
const mostExperience = 60;
/** Who knows the case need not read it: as good as so many open tasks less. */
const knownCase = 2;

/**
 * Suggests to whom a task could be given, the best first: officers of its agency with its role, without those who have
 * lent that role to a substitute for now and those whom separation of duties keeps out.
 *
 * @throws Refusal as assigning it does
 */
export async function suggestOfficers(
  db: Database,
  actor: Actor,
  id: string,
  at: Date,
): Promise<Suggestion[]> {
  const task = await joinedTasks(db).where('tasks.id', id).first<TaskRow | undefined>(taskColumns);
  if (!task) throw noTask();
  await mayAssign(db, actor, task, at);
  return officersFor(db, task, at);
}

/** The same for a task that is at hand. */
export async function officersFor(
  db: Database | Transaction,
  { case_code: code, procedure, role, agency, not_by: notBy }: TaskRow,
  at: Date,
): Promise<Suggestion[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(candidates, {
    code,
    procedure,
    role,
    agency,
    notBy,
    at,
    soon: new Date(at.getTime() + 2 * day),
    since: new Date(at.getTime() - experienceDays * day),
  });
  return rows.sort((a, b) => burden(a) - burden(b)).map(suggestion);
}

interface Row extends Person {
  title: string | null;
  open: number;
  overdue: number;
  soon: number;
  done: number;
  knows: boolean;
}

/** An open task counts once, twice when it is due within two days, three times when it is overdue. */
const burden = ({ open, overdue, soon, done, knows }: Row) =>
  open + soon + 2 * overdue - Math.min(done, mostExperience) / experienceOfATask - (knows ? knownCase : 0);

function suggestion({ sub, name, title, open, overdue, soon, done, knows }: Row): Suggestion {
  const urgent = { vi: [] as string[], en: [] as string[] };
  if (overdue > 0) {
    urgent.vi.push(`${overdue} quá hạn`);
    urgent.en.push(`${overdue} overdue`);
  }
  if (soon > 0) {
    urgent.vi.push(`${soon} sắp đến hạn`);
    urgent.en.push(`${soon} due within two days`);
  }
  const bracket = (words: string[]) => (words.length > 0 ? ` (${words.join(', ')})` : '');
  return {
    officer: { sub, name, title },
    load: { open, overdue, soon },
    experience: done,
    knowsCase: knows,
    reason: {
      vi: `${open} việc đang mở${bracket(urgent.vi)}, đã làm ${done} việc loại này trong ${experienceDays} ngày${knows ? ', đã xử lý hồ sơ này' : ''}`,
      en: `${open} open ${open === 1 ? 'task' : 'tasks'}${bracket(urgent.en)}, ${done} of this kind done in ${experienceDays} days${knows ? ', has worked on this case' : ''}`,
    },
  };
}

const deadline = `coalesce(due_at, expires_at, 'infinity')`;

const candidates = /* sql */ `
  SELECT people.sub, people.name, people.title, load.open, load.overdue, load.soon,
         (SELECT count(*)::int FROM tasks
           WHERE state = 'done' AND closed_by->>'sub' = people.sub AND edition = :procedure AND closed_at > :since) AS done,
         EXISTS (SELECT FROM tasks WHERE case_code = :code AND state = 'done' AND closed_by->>'sub' = people.sub) AS knows
    FROM people
   CROSS JOIN LATERAL (
         SELECT count(*)::int AS open, count(*) FILTER (WHERE ${deadline} < :at)::int AS overdue,
                count(*) FILTER (WHERE ${deadline} >= :at AND ${deadline} < :soon)::int AS soon
           FROM tasks WHERE state = 'open' AND claimed_by = people.sub) load
   WHERE people.agency = :agency AND :role = ANY(people.roles)
     AND NOT EXISTS (SELECT FROM delegations
                      WHERE principal_sub = people.sub AND revoked_at IS NULL AND from_at <= :at AND to_at > :at
                        AND :role = ANY(delegations.roles)
                        AND (delegations.procedures IS NULL OR :procedure = ANY(delegations.procedures)))
     AND NOT EXISTS (SELECT FROM tasks
                      WHERE case_code = :code AND state = 'done' AND name = ANY(CAST(:notBy AS text[]))
                        AND people.sub IN (closed_by->>'sub', closed_by->'for'->>'sub'))
   ORDER BY people.name, people.sub LIMIT 200`;
