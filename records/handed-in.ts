import type { Actor, Role } from './actor.ts';
import type { FiledProcedure } from './cases.ts';
import type { Channel } from './channels.ts';
import type { GivenPaper } from './papers.ts';
import type { NamedCitizen } from './parties.ts';

/** An application as it was handed in, checked by the forms of its procedure. */
export interface HandedIn {
  channel: Channel;
  /** Id of the edition. */
  procedure: string;
  agency: string;
  /** The role whose officers file what the agency does on its own account; absent where a citizen applies. */
  filedBy?: Role | undefined;
  applicant: Record<string, unknown> & Partial<NamedCitizen>;
  answers: Record<string, unknown>;
  papers: GivenPaper[];
}

/** Somebody who acts for an applicant, with the paper that lets them (Civil Code 2015 Art. 138). */
export interface NamedRepresentative extends NamedCitizen {
  /** Local days (ISO), both of which belong to its time. */
  authorisation: { number: string; issuedOn: string; validUntil: string; upload: string };
}

/** Those whom an application names beside its applicant. */
export interface Named {
  representative?: NamedRepresentative | undefined;
  coApplicants: NamedCitizen[];
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
  /** The agencies that the answers name, each with where it stands; they must exist. */
  agencies: { pointer: string; value: string }[];
  wrappedKey: Buffer;
}
