import type { Actor } from './actor.ts';
import type { FiledProcedure, Filing } from './cases.ts';
import type { Channel } from './channels.ts';
import type { GivenPaper } from './papers.ts';
import type { NamedCitizen } from './parties.ts';

/** An application as it was handed in, checked by the forms of its procedure. */
export interface HandedIn {
  channel: Channel;
  /** Id of the edition. */
  procedure: string;
  agency: string;
  applicant: Record<string, unknown> & NamedCitizen;
  answers: Record<string, unknown>;
  papers: GivenPaper[];
}

/** Who is who in an application. */
export interface Parties {
  /** Who hands it in, and on what ground. */
  actor: Actor;
  applicantSub: string;
  authorisation?: string | undefined;
}

/** What filing needs from those who know the procedures and the keys. */
export interface Completion {
  procedure: FiledProcedure;
  publicAnswers: Record<string, unknown>;
  wrappedKey: Buffer;
}

/** Puts together what is filed. */
export const filingOf = (at: Date, handedIn: HandedIn, parties: Parties, completion: Completion): Filing => ({
  ...handedIn,
  ...parties,
  ...completion,
  at,
});
