import type { Procedure } from '../../workflows/engine/index.ts';
import { transitions, type CaseState } from '../../workflows/engine/states.ts';
import type { Run } from './run.ts';
import type { Numbers, Snapshot, TaskNow } from './snapshot.ts';

/** What was written on a paper of a case. */
export interface Paper {
  document: string;
  number: number;
  data: Record<string, unknown>;
}

/** A case at rest: nothing is on its way any more but what waits for people, for time or for an agency that is down. */
export interface AtRest {
  now: number;
  snapshot: Snapshot;
  procedure: Procedure;
  run: Run | undefined;
  papers: Paper[];
  /** Number of the first entry of the record whose hash is wrong. */
  brokenEntry: number | undefined;
  /** Whether people's acts are held back, so that the case has not heard of all of them. */
  held: boolean;
}

/** Something that holds for every case of every procedure whenever it rests. */
interface Rule {
  /** What is expected, as the story of a life says it. */
  expects: string;
  /** Says what is otherwise; nothing when the rule holds. */
  broken(at: AtRest): string | undefined;
}

const isLetter = (document: string) => document.startsWith('form-') || document === 'transfer';
const key = ({ name, number }: { name: string; number: number }) => `${name}#${number}`;
const blank = (text: unknown) => typeof text !== 'string' || text.trim() === '';
const first = <T>(
  items: readonly T[],
  wrong: (item: T) => string | undefined | false,
): string | undefined => {
  for (const item of items) {
    const what = wrong(item);
    if (what) return what;
  }
  return undefined;
};
const openTasks = ({ tasks }: Snapshot) =>
  tasks.filter(({ state, name }) => state === 'open' && name !== 'withdraw');
const entries = ({ record }: Snapshot, event: string) => record.filter((entry) => entry.event === event);
const isOf = (task: TaskNow, { details }: { details: Record<string, unknown> }) =>
  details['task'] === task.name && details['number'] === task.number;

const calls = (run: Run | undefined, what: string) =>
  [...(run?.calls.values() ?? [])].some(({ type }) => type.startsWith(what));

export const rules: readonly Rule[] = [
  {
    expects: 'an open case waits for somebody who has a deadline, or for a call that is tried again',
    broken({ snapshot, run, held }) {
      if (snapshot.closed_at || held) return undefined;
      if (!run) return 'it has not begun';
      if (openTasks(snapshot).length > 0 || run.calls.size > 0) return undefined;
      return 'nobody has anything to do and nothing is called: it is stuck';
    },
  },
  {
    expects: 'every task has an owner and a deadline, and a deadline that is over has an effect',
    broken: ({ snapshot, now, held, run }) =>
      first(openTasks(snapshot), (task) => {
        if (task.role !== 'citizen' && !task.agency) return `nobody owns ${key(task)}`;
        const deadline = task.due_at ?? task.expires_at;
        if (!deadline) return task.role === 'citizen' ? undefined : `${key(task)} has no deadline`;
        // A step that cannot be written now, or an act that is not told yet, comes first.
        if (Date.parse(deadline) >= now || held || calls(run, 'step')) return undefined;
        if (task.expires_at) return `${key(task)} is open after it has expired`;
        return task.escalated_at ? undefined : `${key(task)} is overdue and was not escalated`;
      }),
  },
  {
    expects: 'a case waits for an agency only as long as it asks it',
    broken({ snapshot: { closed_at: closed, waiting }, run, held }) {
      if (closed || held || !waiting || calls(run, 'step') || calls(run, `ask ${waiting.for}`))
        return undefined;
      return `it waits for ${waiting.for}, which it does not ask`;
    },
  },
  {
    expects: 'a case has one result',
    broken({ snapshot, procedure }) {
      const results = snapshot.documents.filter(
        ({ document }) => !isLetter(document) && !procedure.documents[document]?.interim,
      );
      // What is issued when the result is delivered tells what has become of it since.
      const delivered = entries(snapshot, 'state').find(({ details }) => details['to'] === 10);
      const later = results
        .slice(1)
        .filter(({ issued_at: issued }) => delivered && Date.parse(issued) >= Date.parse(delivered.at));
      const reopened = entries(snapshot, 'state').filter(
        ({ details }) => Number(details['from']) >= 9 && Number(details['to']) < 9,
      );
      if (results.length > 1 + reopened.length + later.length)
        return `it has ${results.map(({ document, number }) => `${document}#${number}`).join(' and ')}`;
      const outcomes = entries(snapshot, 'finish');
      return outcomes.length > 1 ? `it has ended ${outcomes.length} times` : undefined;
    },
  },
  {
    expects:
      'a fee is taken with a receipt for its amount and owed to the budget, and a result waits for the fee that was asked for',
    broken({ snapshot }) {
      const payments = snapshot.tasks.filter(({ name }) => name === 'pay');
      const taken = payments.filter(({ state }) => state === 'done');
      const wrong = first(taken, ({ answer, context }) => {
        if (blank(answer?.['receipt'])) return 'a fee was taken without a receipt';
        return (
          answer?.['amount'] !== context['amount'] &&
          `${String(answer?.['amount'])} đồng were taken for ${String(context['amount'])}`
        );
      });
      const result = snapshot.documents.find(({ document }) => !isLetter(document));
      const owed = (number: number) => snapshot.fees.some((fee) => fee.number === number);
      return (
        wrong ??
        first(
          result ? taken : [],
          ({ number }) => !owed(number) && `fee ${number} was taken, and nobody owes it to the budget`,
        ) ??
        (result && taken.length < payments.length
          ? `${result.document} was issued though the fee was not paid`
          : undefined)
      );
    },
  },
  {
    expects: 'every refusal and every request has a reason (Decree 118/2025 Art. 19.3, 19.5)',
    broken: ({ papers, procedure }) =>
      first(papers, ({ document, data }) => {
        if (document === 'form-03') return blank(data['reasons']) && 'Form 03 gives no reason';
        const missing = data['missing'] as { reason?: string }[] | undefined;
        if (document === 'form-02')
          return (
            (!missing?.length || missing.some(({ reason }) => blank(reason))) && 'Form 02 gives no reason'
          );
        const refuses = /refus|reject|từ chối/i.test(
          Object.values(procedure.documents[document]?.title ?? {}).join(),
        );
        return refuses && !givesReason(data) && `${document} gives no reason`;
      }),
  },
  {
    expects: 'a case goes only from state to state as the portal allows (domain A.4)',
    broken({ snapshot }) {
      let state: CaseState = 1;
      const wrong = first(snapshot.record, ({ event, details }) => {
        if (event !== 'state' && event !== 'finish') return undefined;
        const { from = state, to = details['state'] as CaseState } = details as {
          from?: CaseState;
          to?: CaseState;
        };
        const ends = event === 'finish' && to === state;
        if (!ends && (from !== state || !transitions[from].includes(to)))
          return `from state ${state} to ${to}`;
        state = to;
        return undefined;
      });
      const left = transitions[state].length > 0 && snapshot.closed_at;
      return wrong ?? (state !== snapshot.state || left ? endOf(snapshot, state) : undefined);
    },
  },
  {
    expects: 'the record tells every act and every step, and its chain is whole',
    broken({ snapshot, brokenEntry }) {
      if (brokenEntry !== undefined) return `entry ${brokenEntry} of the record is not what was written`;
      const references = new Set(snapshot.record.map(({ reference }) => reference));
      const acts = snapshot.messages.filter(({ message }) => message.kind !== 'recount');
      for (const { act } of acts) if (!references.has(`act:${act}`)) return `act ${act} is not in the record`;
      const untoldPaper = snapshot.documents.find(
        ({ document, number }) => !references.has(`issued:${document}:${number}`),
      );
      if (untoldPaper) return `${untoldPaper.document} is not in the record`;
      return first(snapshot.tasks, (task) => untold(task, snapshot)) ?? unnoticed(snapshot);
    },
  },
  {
    expects: 'every act is told to the case',
    broken: ({ snapshot }) =>
      snapshot.messages.length === snapshot.last_act
        ? undefined
        : `${snapshot.last_act} acts, ${snapshot.messages.length} messages`,
  },
  {
    expects: 'a decision has the number that its register gave, and no number is lost',
    broken({ snapshot, run }) {
      if (run?.calls.size) return undefined;
      const results = snapshot.documents.filter(({ document }) => !isLetter(document));
      const numbered = (document: string, number: number) =>
        snapshot.registered.some((taken) => taken.document === document && taken.document_number === number);
      const issued = (document: string, number: number) =>
        results.some((result) => result.document === document && result.number === number);
      return (
        first(
          results,
          ({ document, number }) => !numbered(document, number) && `${document} is in no register`,
        ) ??
        first(
          snapshot.registered,
          (taken) =>
            !issued(taken.document, taken.document_number) && `number ${taken.number} belongs to no document`,
        )
      );
    },
  },
  {
    expects: 'a case is over for its applicant, its officers and Temporal at once, and a paper says so',
    broken({ snapshot, run, held, procedure }) {
      const open = snapshot.tasks.filter(({ state }) => state === 'open');
      const closed = snapshot.closed_at !== null;
      if (run && run.closed !== closed && !held && run.calls.size === 0)
        return `the record says ${closed ? 'closed' : 'open'}, Temporal ${run.closed ? 'closed' : 'open'}`;
      if (!closed) return undefined;
      if (run?.closed && run.result !== snapshot.outcome)
        return `the record says ${snapshot.outcome}, Temporal ${String(run.result)}`;
      if (open.length > 0) return `${key(open[0]!)} is still open`;
      if (snapshot.clock !== 'stopped') return `its clock is ${snapshot.clock}`;
      // What an agency does on its own account is owed to nobody; of what is no dossier its people are told by a notice.
      if (procedure.applicant === 'agency') return undefined;
      if (procedure.dossier === false && snapshot.notices.length > 1) return undefined;
      const says = ['form-03', 'form-05'].concat(snapshot.registered.map(({ document }) => document));
      return snapshot.documents.some(({ document }) => says.includes(document))
        ? undefined
        : `it ended as ${snapshot.outcome} without a paper`;
    },
  },
];

function endOf({ state, closed_at }: Snapshot, recorded: number): string {
  return state === recorded
    ? `it ended in state ${state} at ${closed_at}`
    : `it is in state ${state}, its record in ${recorded}`;
}

/** Says what the record does not tell of a task. */
function untold(task: TaskNow, snapshot: Snapshot): string | undefined {
  const told = (...events: string[]) =>
    snapshot.record.some((entry) => events.includes(entry.event) && isOf(task, entry));
  if (!told('open')) return `the opening of ${key(task)} is not in the record`;
  if (task.state === 'done' && !told('completed')) return `the answer to ${key(task)} is not in the record`;
  const amended = entries(snapshot, 'amended').some(({ details }) =>
    (details['closed'] as { task: string; number: number }[]).some((closed) =>
      isOf(task, { details: closed }),
    ),
  );
  if (amended) return undefined;
  const ended =
    task.state === 'expired' || (task.state === 'cancelled' && entries(snapshot, 'finish').length === 0);
  return ended && !told('close') ? `the end of ${key(task)} is not in the record` : undefined;
}

/** The entries that tell of notices which are a part of something else. */
const toldBy: Record<string, string> = {
  stopped: 'finish',
  warning: 'warn',
  overdue: 'escalate',
  transferred: 'transferred',
  received: 'filed',
  'report-received': 'filed',
  'report-stopped': 'finish',
  forwarded: 'hand',
};
/** Notices of which one entry tells several people. */
const toldTo: Record<string, number> = { transferred: 2, received: 2, 'report-received': 2 };

/** Says which notice the record does not tell of. */
function unnoticed({ notices, record }: Snapshot): string | undefined {
  return first(notices, ({ notice }) => {
    const told = record.filter(
      ({ event, details }) => event === (toldBy[notice] ?? (details['notice'] === notice && 'notice')),
    );
    const given = notices.filter((each) => each.notice === notice).length;
    return given > told.length * (toldTo[notice] ?? 1) && `the notice ${notice} is not in the record`;
  });
}

/** Whether a text that gives reasons stands anywhere in the data of a paper. */
function givesReason(data: unknown): boolean {
  if (data === null || typeof data !== 'object') return false;
  return Object.entries(data).some(([name, value]) =>
    /reason|ground|comment/i.test(name) && typeof value === 'string' ? !blank(value) : givesReason(value),
  );
}

/** Says which book of an agency has a gap or a number twice. */
export function brokenNumbers(books: readonly Numbers[]): string | undefined {
  const wrong = books.find(({ last, given, highest }) => last !== given || given !== highest);
  return (
    wrong &&
    `of ${wrong.book} ${wrong.given} were given, the last is ${wrong.last}, the highest ${wrong.highest}`
  );
}
