import type { Database } from '../records/db.ts';
import { recounted } from '../records/recounts.ts';
import { readCase, writeCase } from '../records/steps.ts';
import { tellParent } from '../records/sub-cases.ts';
import type { Foresight, WaitsFor } from '../workflows/engine/clock-account.ts';
import type { Limit } from '../workflows/engine/legal-clock.ts';
import type { CaseState } from '../workflows/engine/states.ts';
import type { Questions } from './agencies/questions.ts';
import { applyStep } from './apply-step.ts';
import type { LetterForm, LetterRequest } from './documents/letters.ts';

type Text = { vi: string; en: string };

/** One thing that a step of a case does. */
export type Op =
  | { op: 'state'; state: CaseState }
  | { op: 'clock'; to: 'start' | 'restart'; limit: Limit }
  | { op: 'clock'; to: 'pause'; waitsFor: WaitsFor }
  | { op: 'clock'; to: 'resume' }
  | { op: 'clock'; to: 'stop' }
  /** The one new date, so much after the promised one. */
  | { op: 'clock'; to: 'extend'; by: Limit }
  /** Another agency goes on with the case. */
  | { op: 'hand'; to: string; reason: string }
  /** Counts due instant and open deadlines again over the calendar as it is now. */
  | {
      op: 'recount';
      /** The recount of many cases of which this is one; null where only this case has another calendar. */
      change: number | null;
      reason: Text;
    }
  | {
      op: 'open';
      task: string;
      number: number;
      role: string;
      notBy: string[];
      context: Record<string, unknown>;
      /** So long after it was opened, or with the case. */
      due?: Limit | 'promised';
      expires?: Limit;
      /** How long after the opening the performer is warned, where the procedure says it. */
      warn?: Limit;
      /** The applicant may change the application while it is open. */
      amendable?: true;
      /** The instant (ISO 8601) when the task expires, where it depends on the case's due instant. */
      until?: string;
      /** Kind of consultation; the city's configuration says which agency answers it. */
      consultation?: string;
      /** The agency that performs it, where the case or the configuration do not say. */
      agency?: string;
    }
  | {
      op: 'close';
      task: string;
      number: number;
      as: 'expired' | 'cancelled';
      /** What the law takes the missing answer for. */
      silence?: 'consent' | 'refusal' | 'acceptance' | 'closing' | undefined;
      /** What follows in the step counts only if nobody has performed the task: a withdrawal comes first. */
      first?: true;
    }
  /** What becomes of the place that the case holds in a campaign. */
  | { op: 'place'; to: 'keep' | 'release' }
  | { op: 'warn'; task: string; number: number; title: Text }
  | {
      op: 'escalate';
      task: string;
      number: number;
      title: Text;
      /** Place on the ladder and who stands there; the head, who is the first, unless told. */
      rung?: number;
      to?: 'head' | 'leader' | 'above';
    }
  | { op: 'wait' }
  | { op: 'notice'; notice: string; data: Record<string, unknown> }
  | {
      op: 'letter';
      letter: LetterForm;
      number: number;
      data: Record<string, unknown>;
      /** A task of the step, by `name#number`, whose deadline the letter states. */
      until?: string;
    }
  /** A fee that was paid, and how soon its money must be in the budget. */
  | { op: 'fee'; number: number; receipt: FeeReceipt; within: Limit }
  /** Its people are told by the notice, `stopped` unless told, where there is no decision. */
  | { op: 'finish'; outcome: string; decided: boolean; notice?: string };

/** What the treasury reports: đồng, and the instant (ISO 8601) of the payment. */
type FeeReceipt = { amount: number; paidAt: string; receipt: string };

type LetterOp = Extract<Op, { op: 'letter' }>;

/**
 * An operation in its step. What the story itself changes is counted through the life of the case: a change that has
 * been made is not made again, be it that the step is tried again or that the whole case is told again. What comes
 * from outside the story comes in no certain order: it has a key of its own, under which the record has it once.
 */
export type CountedOp = Op & { count?: number; outside?: string };

/** A step of a case: its operations happen in their order; what is written between two letters becomes durable together. */
export interface Step {
  case: string;
  /** Run of the workflow. */
  run: string;
  step: number;
  /** The workflow's instant (ISO 8601); the legal instant of everything in the step. */
  at: string;
  ops: CountedOp[];
  /** What an agency was asked that does not answer, or null; left out where the step comes from no story. */
  waits?: keyof Questions | null;
}

/** A task as the story sees it. */
export interface TaskState {
  id: string;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  answer?: unknown;
  agency: string | null;
  deadline?: string;
  /** When its performer is warned that the deadline comes near. */
  warnAt?: string;
}

/** What the story must know after a step: the tasks that the step touched, by `name#number`, and where the case stands. */
export interface StepResult {
  tasks: Record<string, TaskState>;
  state: CaseState;
  dueAt?: string;
  /** When the applicant can and must be told that the result will be late; null when not, absent when nothing changed. */
  foresight?: Foresight | null;
  /** The step ended at a {@link Op} `close` that somebody had forestalled. */
  forestalled?: true;
}

/** What the steps of cases need: the record, and the way to issue a letter once for its business key. */
export interface StepDependencies {
  db: Database;
  letter: (request: LetterRequest) => Promise<void>;
}

/** Makes the activity that carries out the steps of cases. */
export function createCaseActivities({ db, letter }: StepDependencies) {
  return {
    /** Carries out a step in the order of its operations; told again, it changes nothing and answers the same. */
    async step(step: Step): Promise<StepResult> {
      const tasks: StepResult['tasks'] = {};
      let result: StepResult | undefined;
      let isSubCase = false;
      for (const part of partsOf(step)) {
        ({ result, isSubCase } = await write(db, part));
        Object.assign(tasks, result.tasks);
        if (result.forestalled) break;
        if (part.letter) await letter(requestOf(step, part.letter, tasks));
      }
      if (!result) throw new Error('a step that does nothing');
      for (const op of step.ops)
        if (op.op === 'recount' && op.change !== null)
          await recounted(db, {
            recount: op.change,
            caseCode: step.case,
            dueAt: result.dueAt ?? null,
            at: new Date(step.at),
          });
      if (isSubCase && step.ops.some(({ op }) => op === 'finish'))
        await tellParent(db, step.case, new Date(step.at));
      return { ...result, tasks };
    },
  };
}

/** Operations that are written together, and the letter that follows them. */
export interface StepPart extends Omit<Step, 'ops'> {
  ops: CountedOp[];
  /** Place of the first one in the step. */
  first: number;
  letter?: LetterOp;
}

/** Divides a step at its letters: a letter states what came before it, and whoever sees what follows can read it. */
function partsOf(step: Step): StepPart[] {
  const parts: StepPart[] = [{ ...step, ops: [], first: 0 }];
  for (const [index, op] of step.ops.entries()) {
    const part = parts.at(-1)!;
    if (op.op !== 'letter') part.ops.push(op);
    else {
      part.letter = op;
      if (index + 1 < step.ops.length) parts.push({ ...step, ops: [], first: index + 1 });
    }
  }
  return parts;
}

async function write(db: Database, part: StepPart): Promise<{ result: StepResult; isSubCase: boolean }> {
  const withCalendar = part.ops.some(({ op }) => ['open', 'clock', 'recount', 'fee'].includes(op));
  const withAbove = part.ops.some((op) => op.op === 'escalate' && op.to === 'above');
  const references = part.ops.flatMap(({ outside }) => outside ?? []);
  for (;;) {
    const asked = { withCalendar, references, withAbove };
    const { changes, result } = applyStep(await readCase(db, part.case, asked), part);
    // Somebody acted between reading and writing: the step is applied to what the case is now.
    if (await writeCase(db, changes)) return { result, isSubCase: changes.row.parent_task !== null };
  }
}

function requestOf(step: Step, op: LetterOp, tasks: StepResult['tasks']): LetterRequest {
  const { letter, number, until } = op;
  const data = until ? { ...op.data, until: tasks[until]?.deadline } : op.data;
  return { case: step.case, letter, number, at: step.at, data };
}
