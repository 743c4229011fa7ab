import type { Actor, Person } from './actor.ts';
import { isAmendable, mayAmend } from './amendments.ts';
import { mayConsult, mayTransfer } from './case-acts.ts';
import type { Database } from './db.ts';
import { mayDelegate } from './delegations.ts';
import { hasRepresentative } from './parties.ts';
import { mayEndRepresentation, mayReadCase, mayReadInternally } from './policy.ts';
import { Refusal, refusalOr } from './refusal.ts';
import { mayCorrect, mayReopen } from './reopenings.ts';
import { mayAssign, mayPerform, mayRelease, mayUndo } from './task-guards.ts';
import { joinedTasks, taskColumns, type TaskRow } from './task-rows.ts';

/** An act, whether it may happen now, and if not, why. */
export interface Action {
  act:
    | 'complete'
    | 'claim'
    | 'release'
    | 'assign'
    | 'undo'
    | 'comment'
    | 'link'
    | 'transfer'
    | 'consult'
    | 'correct'
    | 'reopen'
    | 'amend'
    | 'end-representation'
    | 'delegate';
  task?: { id: string; name: string; number: number; procedure: string };
  allowed: boolean;
  /** In whose place. */
  for?: Person;
  why?: Refusal;
}

/**
 * Tells somebody who may read a case every act on it and its tasks, by asking the guards that the acts themselves ask.
 * What is said holds for a right answer, a fitting officer and so on, as far as the act needs one.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function actionsOn(db: Database, actor: Actor, code: string, at: Date): Promise<Action[]> {
  await mayReadCase(db, actor, code, at);
  const tasks = await joinedTasks(db)
    .where('case_code', code)
    // Withdrawal is always a question, also when it is too late for it; other tasks while they can be done or undone.
    .where(
      (asked) => void asked.where('tasks.state', 'open').orWhere(lastWithdrawal).orWhere(justDone(actor)),
    )
    .orderBy(['opened_at', 'tasks.id'])
    .select<TaskRow[]>(taskColumns);
  const internal = mayReadInternally(db, actor, code, at).then(() => ({}));
  // Guards only look, so they look at the same time; the order is that of the list.
  const asked = await Promise.all([
    ...tasks.map((task) => actionsOnTask(db, actor, task, at)),
    ask({ act: 'comment' }, internal),
    ask({ act: 'link' }, internal),
    endOfRepresentation(db, actor, code, at),
    ask(
      { act: 'transfer' },
      mayTransfer(db, actor, code, at).then(({ ground }) => ground),
    ),
    ask(
      { act: 'consult' },
      mayConsult(db, actor, code, at).then(() => ({})),
    ),
    ask({ act: 'correct' }, mayCorrect(db, actor, code, at)),
    ask({ act: 'reopen' }, mayReopen(db, actor, code, at)),
    amendment(db, actor, code, at),
    ask(
      { act: 'delegate' },
      Promise.resolve().then(() => mayDelegate(actor)),
    ),
  ]);
  return asked.flat();
}

/** Only where some task of the case lets its applicant change the application, or did. */
async function amendment(db: Database, actor: Actor, code: string, at: Date): Promise<Action[]> {
  if (!(await isAmendable(db, code))) return [];
  return [await ask({ act: 'amend' }, mayAmend(db, actor, code, at))];
}

async function endOfRepresentation(db: Database, actor: Actor, code: string, at: Date): Promise<Action[]> {
  if (!(await hasRepresentative(db, code))) return [];
  return [await ask({ act: 'end-representation' }, mayEndRepresentation(db, actor, code, at))];
}

const lastWithdrawal = (last: { whereRaw(sql: string): unknown }) => {
  last.whereRaw(
    `name = 'withdraw' AND number = (SELECT max(number) FROM tasks asked
                                      WHERE asked.case_code = tasks.case_code AND asked.name = 'withdraw')`,
  );
};

const justDone = (actor: Actor) => (done: { whereRaw(sql: string, bindings: unknown[]): unknown }) => {
  done.whereRaw(
    `tasks.state = 'done' AND closed_by->>'sub' = ? AND EXISTS (
       SELECT FROM outbox WHERE outbox.case_code = tasks.case_code AND sent_at IS NULL AND not_before IS NOT NULL)`,
    [actor.sub],
  );
};

async function actionsOnTask(db: Database, actor: Actor, row: TaskRow, at: Date): Promise<Action[]> {
  const task = { id: row.id, name: row.name, number: row.number, procedure: row.procedure };
  if (row.state === 'done' && row.name !== 'withdraw')
    return [
      await ask(
        { act: 'undo', task },
        mayUndo(db, actor, row, at).then(() => ({})),
      ),
    ];
  const performing = mayPerform(db, actor, row, at);
  // Nobody shares the applicant's own tasks, so there is nothing to claim or to distribute.
  if (row.role === 'citizen') return [await ask({ act: 'complete', task }, performing)];
  return Promise.all([
    ask({ act: 'complete', task }, performing),
    ask({ act: 'claim', task }, performing),
    ...(row.claimed_by ? [ask({ act: 'release', task }, mayRelease(db, actor, row, at))] : []),
    ask({ act: 'assign', task }, mayAssign(db, actor, row, at)),
  ]);
}

async function ask(
  action: Pick<Action, 'act' | 'task'>,
  guard: Promise<void | { for?: Person }>,
): Promise<Action> {
  const ground = await refusalOr(guard);
  if (ground instanceof Refusal) return { ...action, allowed: false, why: ground };
  return { ...action, allowed: true, ...ground };
}
