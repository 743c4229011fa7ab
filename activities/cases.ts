import type { Database } from '../records/db.ts';
import { readCase, writeCase } from '../records/steps.ts';
import type { Limit } from '../workflows/engine/legal-clock.ts';
import type { CaseState } from '../workflows/engine/states.ts';
import type { Questions } from './agencies/questions.ts';
import { applyStep } from './apply-step.ts';

/** One thing that a step of a case does to its rows. */
export type Op =
  | { op: 'state'; state: CaseState }
  | { op: 'clock'; to: 'start' | 'restart'; limit: Limit }
  | { op: 'clock'; to: 'pause' | 'resume' | 'stop'; limit?: Limit }
  | {
      op: 'open';
      task: string;
      number: number;
      role: string;
      notBy: string[];
      context: Record<string, unknown>;
      due?: Limit;
      expires?: Limit;
      /** Kind of consultation; the city's configuration says which agency answers it. */
      consultation?: string;
    }
  | { op: 'close'; task: string; number: number; as: 'expired' | 'cancelled' }
  | { op: 'escalate'; task: string; number: number }
  | { op: 'wait'; for: keyof Questions | null }
  | { op: 'notice'; notice: string; data: Record<string, unknown> }
  | { op: 'finish'; outcome: string; decided: boolean };

/**
 * An operation in its step. What the story itself changes is counted through the life of the case: a change that has
 * been made is not made again, be it that the step is tried again or that the whole case is told again.
 */
export type CountedOp = Op & { change?: number };

/** A step of a case: its operations become durable together. */
export interface Step {
  case: string;
  /** Run of the workflow. */
  run: string;
  step: number;
  /** The workflow's instant (ISO 8601); the legal instant of everything in the step. */
  at: string;
  ops: CountedOp[];
}

/** A task as the story sees it. */
export interface TaskState {
  id: string;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  answer?: unknown;
  agency: string | null;
  deadline?: string;
}

/** What the story must know after a step: the tasks that the step touched, by `name#number`, and where the case stands. */
export interface StepResult {
  tasks: Record<string, TaskState>;
  state: CaseState;
  dueAt?: string;
}

/** Makes the activity that writes the steps of cases. */
export function createCaseActivities({ db }: { db: Database }) {
  return {
    /** Reads the case, applies the step and writes it whole; told again, it changes nothing and answers the same. */
    async step(step: Step): Promise<StepResult> {
      const withCalendar = step.ops.some(({ op }) => op === 'open' || op === 'clock');
      for (;;) {
        const { changes, result } = applyStep(await readCase(db, step.case, { withCalendar }), step);
        // Somebody acted between reading and writing: the step is applied to what the case is now.
        if (await writeCase(db, changes)) return result;
      }
    },
  };
}
