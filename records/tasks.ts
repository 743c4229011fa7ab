import type { Actor, Person } from './actor.ts';
import type { Database } from './db.ts';
import { lentTo, type LentAuthority } from './delegations.ts';
import { partyBindings, standingIn, tasksOf } from './parties.ts';
import { Refusal, refusalOr } from './refusal.ts';
import { mayPerform } from './task-guards.ts';
import { joinedTasks, noTask, taskColumns, type TaskRow } from './task-rows.ts';

/** A task in a queue. */
export interface TaskSummary {
  id: string;
  case: string;
  procedure: string;
  task: string;
  role: string;
  agency: string | null;
  state: string;
  openedAt: string;
  deadline: string | null;
  overdue: boolean;
  claimedBy: Person | null;
  /** In whose place the reader may perform it; absent where they may on their own account. */
  for?: Person;
}

/** A task with what its performer needs, and whether the reader may perform it. */
export interface TaskView extends TaskSummary {
  number: number;
  context: Record<string, unknown>;
  may: { complete: boolean; why?: { type: string; detail: string } };
}

const summary = (row: TaskRow): TaskSummary => ({
  id: row.id,
  case: row.case_code,
  procedure: row.procedure,
  task: row.name,
  role: row.role,
  agency: row.agency,
  state: row.state,
  openedAt: row.opened_at.toISOString(),
  deadline: (row.due_at ?? row.expires_at)?.toISOString() ?? null,
  overdue: row.escalated_at !== null,
  claimedBy: row.claimed_by ? { sub: row.claimed_by, name: row.claimed_name ?? '' } : null,
});

/**
 * Lists the open tasks that somebody's roles and agency let them perform, or those of whom they stand in for, the most
 * urgent first; a citizen's are those of the cases that they are a party of.
 *
 * @throws Refusal `invalid-request` for a cursor that was not given out here
 */
export async function listTasks(
  db: Database,
  actor: Actor,
  filter: {
    at: Date;
    limit: number;
    cursor?: string | undefined;
    case?: string | undefined;
    name?: string | undefined;
    procedure?: string | undefined;
    claimed?: 'me' | 'none' | undefined;
    dueBefore?: Date | undefined;
  },
): Promise<{ items: TaskSummary[]; next?: string }> {
  const deadline = `coalesce(tasks.due_at, tasks.expires_at)`;
  const lent = await lentTo(db, actor, filter.at);
  const party = actor.roles.includes('citizen') && (await partyBindings(db, actor, filter.at));
  const query = joinedTasks(db)
    .where('tasks.state', 'open')
    .where((reachable) => {
      void reachable.where((own) => {
        void own.whereIn('role', actor.roles).where((mine) => {
          void mine.whereRaw('false');
          if (party)
            void mine.orWhere((theirs) => void theirs.where({ role: 'citizen' }).whereRaw(tasksOf, party));
          if (actor.agency) void mine.orWhere('tasks.agency', actor.agency);
        });
      });
      for (const { role, agency, procedures } of lent)
        void reachable.orWhere((others) => {
          void others.where({ role, 'tasks.agency': agency });
          if (procedures) void others.whereIn('cases.procedure', procedures);
        });
    })
    .orderByRaw(`coalesce(${deadline}, 'infinity'), tasks.id`)
    .limit(filter.limit + 1);
  if (filter.case) void query.where('case_code', filter.case);
  if (filter.name) void query.where('name', filter.name);
  if (filter.procedure) void query.where('cases.procedure', filter.procedure);
  if (filter.claimed === 'me') void query.where('claimed_by', actor.sub);
  if (filter.claimed === 'none') void query.whereNull('claimed_by');
  if (filter.dueBefore) void query.whereRaw(`${deadline} < ?`, [filter.dueBefore]);
  if (filter.cursor) {
    const [at, id] = Buffer.from(filter.cursor, 'base64url').toString().split('|');
    if (!at || !/^[0-9a-f-]{36}$/.test(id ?? '') || (at !== 'infinity' && Number.isNaN(Date.parse(at))))
      throw new Refusal('invalid-request', 'Con trỏ sai · Wrong cursor');
    void query.whereRaw(`(coalesce(${deadline}, 'infinity'), tasks.id) > (?, ?)`, [at, id as string]);
  }
  const rows = await query.select<TaskRow[]>(taskColumns);
  const items = rows
    .slice(0, filter.limit)
    .map((row) => ({ ...summary(row), ...principalOf(actor, lent, row) }));
  const last = items.at(-1);
  return rows.length > filter.limit && last
    ? { items, next: Buffer.from(`${last.deadline ?? 'infinity'}|${last.id}`).toString('base64url') }
    : { items };
}

/** Whom the reader stands in for when they perform a task that is not theirs. */
function principalOf(actor: Actor, lent: LentAuthority[], row: TaskRow): { for?: Person } {
  if (actor.roles.some((role) => role === row.role)) return {};
  const ground = lent.find(
    ({ role, procedures }) => role === row.role && (procedures?.includes(row.procedure) ?? true),
  );
  return ground ? { for: ground.principal } : {};
}

/**
 * Gives a task to somebody who may perform it, or has performed a task of the case's agency.
 *
 * @throws Refusal `not-found`, `wrong-agency` or `not-yours`
 */
export async function findTask(db: Database, actor: Actor, id: string, at: Date): Promise<TaskView> {
  const row = await joinedTasks(db).where('tasks.id', id).first<TaskRow | undefined>(taskColumns);
  if (!row) throw noTask();
  const view = { ...summary(row), number: row.number, context: row.context };
  const ground = await refusalOr(mayPerform(db, actor, row, at));
  if (!(ground instanceof Refusal)) return { ...view, ...ground, may: { complete: true } };
  const own = row.role === 'citizen' && (await standingIn(db, actor, row.case_code, at));
  const reads =
    own || actor.roles.includes('admin') || (row.role !== 'citizen' && row.agency === actor.agency);
  if (!reads) throw ground;
  return { ...view, may: { complete: false, why: { type: ground.type, detail: ground.message } } };
}
