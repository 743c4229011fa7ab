import type { z } from 'zod';
import type { IssuedDocument } from '../../activities/documents/issue.ts';
import type { Questions } from '../../activities/agencies/questions.ts';
import type { Campaign } from './campaign.ts';
import type { CampaignFacts, MembershipFacts } from './campaign-facts.ts';
import type { Limit } from './legal-clock.ts';
import type { Opinion, Placed, Receipt, SubCaseEnd } from './engine-tasks.ts';
import type { CaseStart } from './messages.ts';
import type { ApplicationOf, Facts } from './procedure.ts';
import type { TaskFacts } from './task-facts.ts';

type AnswerOf<T extends TaskFacts> =
  | (T extends { panel: number } ? z.infer<T['form']>[] : z.infer<T['form']>)
  | (T extends { expires: Limit | 'told' } | { standing: true } ? undefined : never)
  | (T extends { amendable: true } ? 'amended' : never);

/** The function of one task; an instant (ISO 8601) must be told where its wait ends at one. */
type Perform<T extends TaskFacts> = T extends { expires: 'told' }
  ? (context: TaskContext, options: { until: string }) => Promise<AnswerOf<T>>
  : (context?: TaskContext, options?: TaskOptions) => Promise<AnswerOf<T>>;

/** Documents that decide a case, and those that do not. */
type Interim<F extends Facts> = {
  [D in keyof F['documents']]: F['documents'][D] extends { interim: true } ? D : never;
}[keyof F['documents']];

/** What the person who performs a task is shown, beside the case itself. */
export type TaskContext = Record<string, unknown>;

/** What of a task is known only when it is opened. */
export interface TaskOptions {
  /** Another limit than its facts say. */
  due?: Limit;
  /** The last day (ISO date, local) of what is standing. */
  until?: string;
  /** Code of the agency that performs it, where the application says which. */
  agency?: string;
}

/** One thing that the applicant must supply or correct. */
export interface Missing {
  /** Kind of paper, or JSON Pointer of a field of the application. */
  what: string;
  reason: string;
}

/** What a consulted agency said; `silent` when its time ran out and its silence counts as the facts say. */
export type ConsultationAnswer = { of: string; agency: string; silent: boolean } & z.infer<typeof Opinion>;

/** Everything that a story may do; each word is a legal act and becomes durable before the promise resolves. */
export interface Story<F extends Facts> {
  readonly case: { code: string; agency: string };
  /** The answers of the application, without personal data, as they were last amended. */
  readonly application: ApplicationOf<F>;
  /** One function a task: opens it and waits for the person's answer; at another agency than the case's where that is named. */
  readonly tasks: { readonly [K in keyof F['tasks']]: Perform<F['tasks'][K]> };
  /** Asks an agency's system; an agency that is down is asked again until it answers, and the wait is its own. */
  readonly ask: <Q extends keyof Questions>(
    question: Q,
    details: Questions[Q]['question'],
  ) => Promise<Questions[Q]['answer']>;
  /**
   * Accepts the application: the legal clock starts, and the applicant gets the appointment slip (Form 01). The limit is that
   * of the procedure, or the one that its facts name for the situation, or one that city data gave.
   */
  readonly accept: (situation?: (keyof F['limits'] & string) | { limit: Limit }) => Promise<void>;
  /** Hands the case over to another agency of the city, whose officers go on; its clock loses nothing. */
  readonly handTo: (agency: string, reason?: string) => Promise<void>;
  /**
   * Takes up again what was settled: a clock that had stopped goes on or, with a limit, begins anew, and a provisional result
   * goes back into process.
   */
  readonly reopen: (again?: { limit?: Limit; reason?: string }) => Promise<void>;
  /** Refuses to accept the application (Form 03); becomes durable as the story returns, which it must do now. */
  readonly reject: (reasons: string) => Promise<'rejected'>;
  /** Asks other agencies at once; each answers in its time, or its silence counts as the facts say. */
  readonly consult: (
    of: readonly (keyof NonNullable<F['consultations']>['of'] & string)[],
    question: string,
  ) => Promise<ConsultationAnswer[]>;
  /**
   * Asks the applicant for everything that is missing (Form 02). The law allows that once; a second request needs the
   * head's reason. False when the file stays as it is, as the time ran out or the head refused, which the story then
   * treats as the facts say.
   */
  readonly supplement: (missing: Missing[]) => Promise<boolean>;
  /**
   * Opens a case of another procedure and waits for its outcome. However it ends, this case goes on: what a failed branch
   * means is the story's to say.
   */
  readonly subCase: (name: keyof NonNullable<F['subCases']> & string) => Promise<z.infer<typeof SubCaseEnd>>;
  /**
   * Goes on in a chapter, in a new run with a short history: the way of a case that lasts for years. What is awaited must
   * have been answered; `state` is all that the chapter knows of what was.
   */
  readonly turnTo: (chapter: string, state: unknown) => Promise<never>;
  /** Lets a part of the story run beside the rest; whoever wants what comes of it hears of it there. It ends with the case. */
  readonly beside: (part: () => Promise<unknown>) => void;
  /** What leads a campaign; of those procedures only whose facts have one. */
  readonly campaign: F['campaign'] extends CampaignFacts ? Campaign : undefined;
  /** The round of a campaign in which the application was filed. */
  readonly round: F['membership'] extends MembershipFacts ? NonNullable<CaseStart['round']> : undefined;
  /**
   * Waits for what the campaign decides of this application, which its applicant may change as long as applications are taken. Each
   * call waits for one more decision.
   */
  readonly placement: () => Promise<Placed | 'amended'>;
  /** Confirms the place that the application holds in the campaign, for good, or gives it back for somebody else. */
  readonly place: (to: 'keep' | 'release') => void;
  /** Asks for the fee, for so many units of each item; `undefined` when it was not paid in time. */
  readonly pay: (units?: Readonly<Record<string, number>>) => Promise<z.infer<typeof Receipt> | undefined>;
  /** Tells the applicant something, by a text of templates/messages that names nobody. */
  readonly notify: (notice: string, data?: Record<string, unknown>) => Promise<void>;
  /** Numbers, renders, signs and delivers the document that decides the case; once it is delivered, a further one. */
  readonly issue: (
    document: Exclude<keyof F['documents'], Interim<F>> & string,
    data: Record<string, unknown>,
  ) => Promise<IssuedDocument>;
  /** Does so with a document that decides nothing yet: the case goes on. */
  readonly publish: (document: Interim<F> & string, data: Record<string, unknown>) => Promise<IssuedDocument>;
}
