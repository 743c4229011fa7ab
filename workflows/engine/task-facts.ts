import type { z } from 'zod';
import type { Told } from '../../activities/agencies/questions.ts';
import type { Entailed } from '../../records/entailments.ts';
import type { Text } from './form.ts';
import type { Limit } from './legal-clock.ts';

/** Who performs a task; the same words as the roles of the identity provider. */
export type Performer =
  | 'citizen'
  | 'reception'
  | 'specialist'
  | 'head'
  | 'leader'
  | 'clerk'
  | 'field'
  | 'consulted'
  | 'committee'
  | 'treasury'
  | 'registry'
  | 'engine';

interface TaskBase<F extends z.ZodObject> {
  title: Text;
  by: Performer;
  /** What the performer answers; personal fields join the answers of the case's file, and the story does not see them. */
  form: F;
  /** Tasks of the same case whose performer may not perform this one: separation of duties. */
  notBy?: readonly string[];
  /** How many different people must each answer it; the story gets all their answers. */
  panel?: number;
  /** The applicant may change the application while it is open; it closes then, and the story gets `amended`. */
  amendable?: true;
  /** How long an officer can undo the act, when it is irrevocable afterwards; the case hears of it only then. */
  grace?: `${number}m`;
  /**
   * The question that is asked as the task opens, with its context and its id: it hands the task to the system of the agency
   * that performs it, or shows its performer more than may travel through Temporal.
   */
  told?: Told;
  /**
   * The legal clock stands still while the applicant has the task (`pause`), or stops as it opens, since what was promised has
   * been done and is only looked at again (`stop`); `reopen` lets it go on.
   */
  clock?: 'pause' | 'stop';
  /** The applicant rates the service by it: a `score` from 1 to 5 and a `comment`. */
  rates?: true;
  /** What its performer can tell of it before it is done, in any order and without a line to us: arrived, materials missing … */
  progress?: Readonly<Record<string, Text>>;
  /** How long after the opening its performer is warned; three quarters of the time unless told. */
  warn?: Limit;
  /** What else the answer brings about, in the very transaction in which it is given: a right that counts from that instant. */
  entails?: Entailed;
  /** Opened by something that comes upon the case from outside its story, which does not wait for it. */
  opensFromOutside?: true;
}

/**
 * What it means in law that nobody answered in time: consent to what was asked, refusal of it, acceptance of what was
 * sent, or the closing of the case. A wait with `due` has the fifth meaning, escalation.
 */
export type Silence = 'consent' | 'refusal' | 'acceptance' | 'closing';

/**
 * One thing that one person must decide or supply. `due` escalates and keeps waiting; `expires` ends the
 * wait with `undefined`, which the story must handle as `silence` says, after a limit or at an instant that the story has
 * `told`. What is due as `promised` is due when the case is, wherever that moves. What is `standing` is a right of the applicant:
 * nobody waits for it, it has no deadline, and it is there until the day that the story gives it, if any.
 */
export type TaskFacts<F extends z.ZodObject = z.ZodObject> = TaskBase<F> &
  (
    | { due: Due; expires?: never; silence?: never; standing?: never }
    | { expires: Limit | 'told'; silence: Silence; due?: never; standing?: never }
    | { standing: true; due?: never; expires?: never; silence?: never }
  );

/** When a task is due: so long after it was opened, or with the case. */
export type Due = Limit | 'promised';

/** Who hears that a task is overdue: its agency's head, its agency's leader, the leader of the agency above. */
export type Rung = 'head' | 'leader' | 'above';
