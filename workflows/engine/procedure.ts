import { z } from 'zod';
import type { Told } from '../../activities/agencies/questions.ts';
import type { Text, WithoutPersonal } from './form.ts';
import { fieldNames, PaperReference } from './form.ts';
import type { Limit } from './legal-clock.ts';
import type { Story } from './story.ts';
import { runCase, type Course } from './run-case.ts';
import type { CaseStart } from './messages.ts';

/** Who performs a task; the same words as the roles of the identity provider. */
export type Performer =
  | 'citizen'
  | 'reception'
  | 'specialist'
  | 'head'
  | 'leader'
  | 'clerk'
  | 'consulted'
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
  /** How long an officer can undo the act, when it is irrevocable afterwards; the case hears of it only then. */
  grace?: `${number}m`;
  /**
   * The question that is asked as the task opens, with its context and its id: it hands the task to the system of the agency
   * that performs it, or shows its performer more than may travel through Temporal.
   */
  told?: Told;
  /** The legal clock stands still while the applicant has the task. */
  clock?: 'pause';
  /** How long after the opening its performer is warned; three quarters of the time unless told. */
  warn?: Limit;
}

/**
 * What it means in law that nobody answered in time: consent to what was asked, refusal of it, acceptance of what was
 * sent, or the closing of the case. A wait with `due` has the fifth meaning, escalation.
 */
export type Silence = 'consent' | 'refusal' | 'acceptance' | 'closing';

/**
 * One thing that one person must decide or supply. `due` escalates and keeps waiting; `expires` ends the
 * wait with `undefined`, which the story must handle as `silence` says.
 */
export type TaskFacts<F extends z.ZodObject = z.ZodObject> = TaskBase<F> &
  ({ due: Limit; expires?: never; silence?: never } | { expires: Limit; silence: Silence; due?: never });

export interface PaperFacts {
  title: Text;
  required: boolean;
}

export interface DocumentFacts {
  title: Text;
  /** Template under templates/documents. */
  template: string;
  /** Abbreviation of the register book that numbers this document, for example `GPXD` in `15/GPXD-UBND`. */
  register: string;
  /** How the number is written: with the abbreviations of book and agency unless it is the year, as in `15/2026`. */
  numbered?: 'by-year';
  /** The task whose performer signs. */
  signedBy: string;
}

/** What is known of a case when the application of one of its sub-cases is drawn up, personal data included. */
export interface ParentFile {
  applicant: Readonly<Record<string, unknown>>;
  answers: Readonly<Record<string, unknown>>;
  /** Sub-cases that have ended, by their name: what was applied for there, what came of it, what its tasks were answered. */
  earlier: Readonly<
    Record<
      string,
      {
        code: string;
        outcome: string;
        answers: Readonly<Record<string, unknown>>;
        tasks: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

/** A case of another procedure that a case opens: one application, several agencies. */
export interface SubCaseFacts {
  title: Text;
  /** Code of the procedure; the edition in force on the day it is opened governs. */
  procedure: string;
  /** Kind under which the city's configuration names the agency; the case's own agency without it. */
  agency?: string;
  /** When its result is awaited. */
  due: Limit;
  /** Draws up its application, outside the sandbox: personal data are there and never enter Temporal. */
  application: (file: ParentFile) => Record<string, unknown>;
  /** Papers that go along: kind there by kind here. */
  papers?: Readonly<Record<string, string>>;
}

/** A field that a rule finds wrong, with the reason in both languages (`'… · …'`). */
export interface WrongField {
  path: readonly string[];
  message: string;
}

/** What is fixed about a procedure: everything public is generated from it. */
export interface Facts {
  code: `${number}.${string}`;
  title: Text;
  /** First day in force (ISO date); a case keeps the edition in force on the day it was received. */
  effectiveFrom: string;
  effectiveTo?: string;
  /**
   * The transitional clause: says whether an application is governed by this edition, where its days in force do not tell.
   * An edition whose clause says yes goes before one for which only its days speak. Answers are as given, not checked yet.
   */
  governs?: (filing: { day: string; answers: Readonly<Record<string, unknown>> }) => boolean;
  legalBasis: readonly string[];
  /**
   * Rules between the answers and the day on which they are received (ISO date, local), which the form alone cannot know;
   * gives what is wrong, by the path of the field.
   */
  checkOn?: (filing: { day: string; answers: Readonly<Record<string, unknown>> }) => readonly WrongField[];
  /** Form of the application without the applicant's block, which every procedure has. */
  application: z.ZodObject;
  papers: Readonly<Record<string, PaperFacts>>;
  /** Time limit of the whole procedure, from acceptance to decision. */
  limit: Limit;
  /** Other limits that the law gives in named situations, of which the story says one when it accepts. */
  limits?: Readonly<Record<string, Limit>>;
  /**
   * The fee, if an agency's tariff does not say otherwise, in đồng: one amount, or one for a unit of each item; how long the case waits for it, and whose time that is:
   * the applicant's, or the tax office's where it works out the duty first.
   */
  fee?: {
    title: Text;
    amount: number | Readonly<Record<string, number>>;
    expires: Limit;
    silence: 'closing' | 'refusal';
    waitsFor?: 'applicant' | 'tax-office';
  };
  /** The one legal request for what is missing: how long the applicant has, and what the clock does after it. */
  supplement?: { within: Limit; clock: 'restart' | 'resume'; silence: 'refusal' | 'closing' };
  /**
   * Questions to other agencies: how long they have, and what their silence means. Without a word of sector law it is
   * escalation: the case waits on, and the head is told (Decree 118/2025 Art. 19.4c).
   */
  consultations?: {
    within: Limit;
    silence: 'consent' | 'refusal' | 'escalation';
    /** Whether the legal clock stands still meanwhile; it runs unless sector law says otherwise. */
    clock?: 'pause';
    of: Readonly<Record<string, Text>>;
  };
  subCases?: Readonly<Record<string, SubCaseFacts>>;
  tasks: Readonly<Record<string, TaskFacts>>;
  documents: Readonly<Record<string, DocumentFacts>>;
}

/** The fee's receipt, as the treasury reports it. */
export const Receipt = z.object({
  amount: z.int().min(0).meta({ title: 'Số tiền', 'title.en': 'Amount' }),
  paidAt: z.iso.datetime({ offset: true }).meta({ title: 'Thời điểm nộp', 'title.en': 'Paid at' }),
  receipt: z.string().trim().min(1).max(100).meta({ title: 'Số biên lai', 'title.en': 'Receipt number' }),
});

/** A consulted agency's answer. */
export const Opinion = z.object({
  opinion: z.enum(['agree', 'object']).meta({ title: 'Ý kiến', 'title.en': 'Opinion' }),
  reason: z.string().trim().max(2000).default('').meta({ title: 'Lý do', 'title.en': 'Reason' }),
});

/** How a sub-case ended. */
export const SubCaseEnd = z.object({
  code: z.string().meta({ title: 'Mã hồ sơ', 'title.en': 'Case code' }),
  outcome: z.string().meta({ title: 'Kết quả', 'title.en': 'Outcome' }),
});

const Supply = z.object({
  papers: z.array(PaperReference).max(30).default([]).meta({ title: 'Giấy tờ', 'title.en': 'Papers' }),
  note: z.string().trim().max(2000).default('').meta({ title: 'Ghi chú', 'title.en': 'Note' }),
});

const Withdrawal = z.object({
  reason: z.string().trim().min(1).max(2000).meta({ title: 'Lý do', 'title.en': 'Reason' }),
});

/** The head's apology to an applicant whose result will be late, with the one new date (Form 04). */
export const Extension = z.object({
  reason: z.string().trim().min(1).max(2000).meta({ title: 'Lý do', 'title.en': 'Reason' }),
  workingDays: z
    .int()
    .min(1)
    .max(60)
    .meta({ title: 'Gia hạn (ngày làm việc)', 'title.en': 'Working days after the promised date' }),
});

/** The tasks that the engine itself opens: withdraw, extend, supply, pay, and one for each consultation and sub-case. */
function engineTasks(facts: Facts): Record<string, TaskFacts> {
  const tasks: Record<string, TaskFacts> = {
    withdraw: {
      title: { vi: 'Rút hồ sơ', en: 'Withdraw the application' },
      by: 'citizen',
      form: Withdrawal,
      due: facts.limit,
    },
    extend: {
      title: { vi: 'Xin lỗi và hẹn lại ngày trả kết quả', en: 'Apologise and give a new date' },
      by: 'leader',
      form: Extension,
      expires: facts.limit,
      silence: 'acceptance',
    },
  };
  if (facts.supplement)
    tasks['supply'] = {
      title: { vi: 'Bổ sung hồ sơ', en: 'Supply what is missing' },
      by: 'citizen',
      form: Supply,
      expires: facts.supplement.within,
      silence: facts.supplement.silence,
    };
  if (facts.fee)
    tasks['pay'] = {
      title: facts.fee.title,
      by: 'treasury',
      told: 'payment',
      form: Receipt,
      expires: facts.fee.expires,
      silence: facts.fee.silence,
    };
  for (const [name, { title, due }] of Object.entries(facts.subCases ?? {}))
    tasks[`case.${name}`] = { title, by: 'engine', form: SubCaseEnd, due };
  for (const [name, title] of Object.entries(facts.consultations?.of ?? {}))
    tasks[`consult.${name}`] = {
      title,
      by: 'consulted',
      told: 'opinion',
      form: Opinion,
      ...waitOf(facts.consultations!),
    };
  return tasks;
}

function waitOf({ within, silence }: NonNullable<Facts['consultations']>) {
  return silence === 'escalation' ? { due: within } : { expires: within, silence };
}

/** A procedure as the API, the pages and the checks see it: the facts, with the engine's own tasks among the tasks. */
export interface Procedure extends Facts {
  /** Titles of the papers by their kind and of the application's fields by JSON Pointer. */
  names: Readonly<Record<string, Text>>;
}

/** The workflow of one edition; its export name in workflows/index.ts is its id and workflow type. */
export interface ProcedureWorkflow {
  (start: CaseStart): Promise<string>;
  readonly procedure: Procedure;
}

/** Answers of the application that the story sees. */
export type ApplicationOf<F extends Facts> = WithoutPersonal<F['application']['shape']>;

/**
 * Defines an edition of a procedure: what is fixed as data, how it proceeds as an ordinary async function.
 * The function returns the outcome, one word that is kept with the case.
 *
 * @param chapters parts of a case that lasts for years: the story turns to one with `turnTo`, each in a run of its own
 *
 * @example
 * export const streetLight = defineProcedure(
 *   { code: '9.000001', title: {...}, tasks: { repair: { by: 'specialist', due: '3wd', ... } }, ... },
 *   async ({ accept, tasks, issue }) => {
 *     await accept();
 *     const repair = await tasks.repair();
 *     await issue('report', { repair });
 *     return 'repaired';
 *   },
 * );
 */
export function defineProcedure<const F extends Facts>(
  facts: F,
  story: (story: Story<F>) => Promise<string>,
  chapters: Readonly<Record<string, (story: Story<F>, state: never) => Promise<string>>> = {},
): ProcedureWorkflow {
  const papers = Object.entries(facts.papers).map(([kind, { title }]) => [kind, title] as const);
  const names = { ...fieldNames(facts.application), ...Object.fromEntries(papers) };
  const procedure: Procedure = { ...facts, names, tasks: { ...facts.tasks, ...engineTasks(facts) } };
  const course = { story, chapters } as unknown as Course;
  const workflow = (start: CaseStart) => runCase(procedure, course, start);
  return Object.assign(workflow, { procedure });
}
