import { defineSignal } from '@temporalio/workflow';
import type { Text } from './form.ts';
import type { Limit } from './legal-clock.ts';
import type { CarriedSteps } from './steps.ts';

/** What starts the workflow of a case: no personal data, only what the story needs. */
export interface CaseStart {
  code: string;
  agency: string;
  /** Answers of the application without its personal fields. */
  application: Record<string, unknown>;
  /** How the applicant receives the result; online without it. */
  receiveBy?: 'online' | 'oneStop' | 'post';
  /** The round of a campaign in which it was filed, and until when it is checked there (ISO 8601). */
  round?: { campaign: string; number: number; checkedBy: string };
  /** Code of the case that a decision on an appeal has reopened as this one. */
  reopens?: string;
  /** The delivered result that this case is to correct. */
  corrects?: { case: string; document: string; id: string };
  /** Where a run goes on that another one has ended; the first run has none. */
  chapter?: Chapter;
}

/** What a run hands over to the next one of the same case, whose history is short again. */
export interface Chapter {
  name: string;
  /** What the chapter itself needs to know. */
  state: unknown;
  answers: [string, unknown][];
  seen: number[];
  counts: [string, number][];
  /** Tasks that an amendment has closed; absent where none was. */
  amended?: string[];
  decided: boolean;
  /** What was opened beside the story and has not been answered yet. */
  beside: Beside[];
  /** The limit under which the case was accepted. */
  limit: Limit;
  steps: CarriedSteps;
}

/**
 * A person's act, already validated and durable in PostgreSQL: the answer to one task.
 * Acts of a case are numbered; a number that was seen before is ignored.
 */
export interface Act {
  act: number;
  task: string;
  number: number;
  answer: unknown;
}

/** Tells the case of an {@link Act}; each task has its own signal, so that the Temporal UI names what was done. */
export const actSignal = (task: string) => defineSignal<[Act]>(`act ${task}`);

/**
 * Tells a case that its applicant has changed the application, which has closed the tasks that let them, by
 * `name#number`.
 */
export interface Amendment {
  act: number;
  closed: string[];
  /** The answers as they are now, without personal fields. */
  application: Record<string, unknown>;
}

/** Tells the case of an {@link Amendment}. */
export const amendSignal = defineSignal<[Amendment]>('amend');

/** Tells a case that the calendar over which it counts has changed. */
export interface Recount {
  act: number;
  recount: number;
  reason: Text;
}

/** Tells the case of a {@link Recount}. */
export const recountSignal = defineSignal<[Recount]>('recount');

/** Tells a case that it has been transferred from one agency to another. */
export interface Transfer {
  act: number;
  from: string;
  to: string;
  /** Name of the agency that has the case now, for the letter. */
  name: string;
  reason: string;
}

/** Tells the case of a {@link Transfer}. */
export const transferSignal = defineSignal<[Transfer]>('transfer');

/** Tells a case that an officer asks an agency for its opinion. */
export interface Consultation {
  act: number;
  agency: string;
  question: string;
  within: Limit;
  /** Subject of the officer who asks. */
  asker: string;
}

/** Tells the case of a {@link Consultation}. */
export const consultationSignal = defineSignal<[Consultation]>('consult');

/** Tells a case that something has happened outside it for which it opens a task that its procedure has for that. */
export interface Opening {
  act: number;
  task: string;
  /** What its performer is shown; personal data come by what the task is told. */
  context: Record<string, unknown>;
}

/** Tells a case of an {@link Opening}. */
export const openingSignal = defineSignal<[Opening]>('open');

/** What is open beside the story. */
export type Beside = Consultation | Opening;
/** Tells a campaign that there is something to do among its places and members; it looks for itself what. */
export const stirSignal = defineSignal('stir');

/** How a case is told of a message: the name of the signal and what it carries. */
export function signalOf(
  message: Exclude<CaseMessage, { kind: 'start' }>,
  act: number,
): { name: string; input: { act: number } } {
  if (message.kind === 'act')
    return { name: actSignal(message.act.task).name, input: { act, ...message.act } };
  const { kind, ...told } = message;
  return { name: kind, input: { act, ...told } };
}

/** A message of the outbox: the filing starts the workflow, everything later is a signal. */
export type CaseMessage =
  | {
      kind: 'start';
      procedure: string;
      start: CaseStart;
      agency: string;
      procedureCode: string;
      title: string;
    }
  | { kind: 'act'; act: Omit<Act, 'act'> }
  | ({ kind: 'amend' } & Omit<Amendment, 'act'>)
  | ({ kind: 'recount' } & Omit<Recount, 'act'>)
  | ({ kind: 'transfer' } & Omit<Transfer, 'act'>)
  | ({ kind: 'consult' } & Omit<Consultation, 'act'>)
  | ({ kind: 'open' } & Omit<Opening, 'act'>);
