import { setWorkflowOptions } from '@temporalio/workflow';
import type { z } from 'zod';
import type { Source } from '../../activities/documents/sources.ts';
import type { CampaignFacts, MembershipFacts } from './campaign-facts.ts';
import type { Text, WithoutPersonal } from './form.ts';
import { engineTasks } from './engine-tasks.ts';
import { fieldNames } from './form.ts';
import type { Limit } from './legal-clock.ts';
import type { Story } from './story.ts';
import type { Performer, Rung, TaskFacts } from './task-facts.ts';
import { runCase, type Course } from './run-case.ts';
import type { CaseStart } from './messages.ts';

export interface PaperFacts {
  title: Text;
  required: boolean;
  /** Photos that may become public: cleaned of what cameras write into them, looked at by an officer first; at most so many. */
  photos?: number;
  /** Only officers bring it, with their answers. */
  by?: 'officer';
}

/**
 * An incident at a place. Its kinds are data of the city (`services`): who leads, how soon, what else is asked. These are the
 * names of the answers that say what it is.
 */
export interface IncidentFacts {
  /** Code of the service. */
  service: string;
  /** A `GeoPoint`. */
  place: string;
  /** The place in words. */
  address: string;
  words: string;
  /** Answers to what the service asks beside, by their codes. */
  details: string;
  /** Kind of paper. */
  photos: string;
}

export interface DocumentFacts {
  title: Text;
  /** Template under templates/documents. */
  template: string;
  /** Abbreviation of the register book that numbers this document, for example `GPXD` in `15/GPXD-UBND`. */
  register: string;
  /** How the number is written: with the abbreviations of book and agency unless it is the year, as in `15/2026`. */
  numbered?: 'by-year';
  /** The task whose performer signs; its page shows the draft. */
  signedBy: string;
  /** Anybody may read it: nothing stands in it, on the page or as data, of who has filed. */
  public?: true;
  /** The case stays decided until its story ends, which may still take it up again; the next one takes its place. */
  provisional?: true;
  /** What it also says, gathered where it is made: personal data are there and never enter Temporal. */
  gathers?: Source;
  /** It decides nothing yet: the case goes on after it, and more may follow. */
  interim?: true;
  /** Other tasks whose pages show the draft, made of what the task was told and of the answer that is being given. */
  draftAt?: readonly string[];
  /** The answer that holds the name of whom it is issued to, as the page shows it; the applicant's unless told. */
  holder?: string;
  /** Its last day in force (ISO date, local), of which its holder is reminded 30 days before; for good unless told. */
  validUntil?: (file: { issuedOn: string; answers: Readonly<Record<string, unknown>> }) => string;
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
   * Who files it: citizens with the block of who they are, unless told; `anybody`, known or not, who says of themselves what
   * they like; or `agency`, for what an agency does on its own account: its officers file it, citizens are not offered it, and
   * it is without their block, the right to withdraw and letters.
   */
  applicant?: 'agency' | 'anybody';
  /**
   * Whether it is a dossier under Decree 118/2025, as it is unless told. Of what is none (a report, an alert) no form of that
   * decree is issued and no new date is asked for: its people are told by notices.
   */
  dossier?: false;
  /**
   * Who hears of an overdue task, one after the other: the first when it is overdue, each next one when its whole time has
   * gone by once more. The head alone unless told.
   */
  ladder?: readonly Rung[];
  /** Where the matter is an incident at a place. */
  incident?: IncidentFacts;
  /**
   * How well the identity provider must know who files online (levels of VNeID; 2: face to face, or by the chip of the card). At the
   * counter an officer sees the card.
   */
  identityLevel?: 1 | 2;
  /** The event in somebody's life that brings them here, as the catalogue groups procedures. */
  lifeEvent?: Text;
  /** Whether open cases go on with a new build, as they do unless told, or end on the one that they began with. */
  versioning?: 'auto-upgrade' | 'pinned';
  /**
   * Rules between the answers and the day on which they are received (ISO date, local), which the form alone cannot know;
   * gives what is wrong, by the path of the field.
   */
  checkOn?: (filing: { day: string; answers: Readonly<Record<string, unknown>> }) => readonly WrongField[];
  /** The role whose officers file what their agency does on its own account; specialists unless told. */
  filedBy?: Exclude<Performer, 'citizen' | 'treasury' | 'registry' | 'engine'>;
  /** Form of the application without the block of a citizen who applies. */
  application: z.ZodObject;
  /**
   * How the questions of the application are spread over pages, each field on one; unless told, a page for each group and one
   * for what stands between them.
   */
  pages?: readonly { title: Text; fields: readonly string[] }[];
  /** The answer, an address, that says where the matter lies: officers narrow their queues by its ward and street. */
  area?: string;
  /** Who else may apply together with the applicant, where the law lets several people; each signs before it is filed. */
  coApplicants?: Text;
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
    /** How soon the money must be in the budget where sector law says so; 8 working hours otherwise. */
    remitWithin?: Limit;
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
  /** Who must approve a withdrawal, where sector law says so; the applicant's word ends the case without it. */
  withdrawal?: { approvedBy: 'specialist' | 'head' | 'leader'; due: Limit };
  subCases?: Readonly<Record<string, SubCaseFacts>>;
  /** That it leads a campaign, of which its case is the plan. */
  campaign?: CampaignFacts;
  /** That its applications take part in campaigns: they are taken in the rounds of one only. */
  membership?: MembershipFacts;
  tasks: Readonly<Record<string, TaskFacts>>;
  documents: Readonly<Record<string, DocumentFacts>>;
  /** What the words mean that the story returns, beside those that every procedure knows (engine/states.ts). */
  outcomes?: Readonly<Record<string, Text>>;
}

/** The paper of a representative, which every case may have. */
const authorisation: Text = { vi: 'Giấy ủy quyền', en: 'Authorisation' };

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
  const names = { authorisation, ...fieldNames(facts.application), ...Object.fromEntries(papers) };
  const procedure: Procedure = { ...facts, names, tasks: { ...facts.tasks, ...engineTasks(facts) } };
  const course = { story, chapters } as unknown as Course;
  const workflow = (start: CaseStart) => runCase(procedure, course, start);
  if (facts.versioning === 'pinned') setWorkflowOptions({ versioningBehavior: 'PINNED' }, workflow);
  return Object.assign(workflow, { procedure });
}
