import type { z } from 'zod';
import type { Text } from './form.ts';
import type { Limit } from './legal-clock.ts';
import type { WrongField } from './procedure.ts';

/** Something of which a campaign has places: a school. */
export interface Offer {
  code: string;
  /** By the form of the campaign's facts; `name` is what people call it. */
  details: Readonly<Record<string, unknown>>;
}

/** A round of a campaign: the instants (ISO 8601) at which its stretches end. */
export interface Round {
  /** Applications are taken from here to `closes`. */
  opens: string;
  closes: string;
  /** Until when they are checked. */
  checkedBy: string;
  /** Until when whoever got a place confirms it. */
  confirmBy: string;
  /** Until when whoever got none may appeal. */
  appealBy: string;
  /** Until when places that come free are given on. */
  givenOnUntil: string;
}

/** What a campaign is before it is announced. */
export interface CampaignPlan {
  rounds: readonly Round[];
  offers: readonly Offer[];
}

/** What is known of a member when its input is made, personal data included. */
export interface MemberFile {
  /** The answers of its application and, in their place, what tasks have given about people since. */
  answers: Readonly<Record<string, unknown>>;
  /** What the systems of agencies have answered last about what it says now, by question, with what the story was not told. */
  findings: Readonly<Record<string, unknown>>;
  /** The last answer to each task, without what it says of people. */
  tasks: Readonly<Record<string, unknown>>;
}

/** What is to be decided: who gets which of the free places. */
export interface AllocationProblem<Input = Readonly<Record<string, unknown>>> {
  offers: readonly { code: string; name: string; free: number }[];
  members: readonly {
    /** A pseudonym. */
    id: string;
    /** Drawn by lot: HMAC-SHA-256 of the id under the seed of the round, in hexadecimal. */
    lottery: string;
    input: Input;
  }[];
}

/** What was decided of a member, and why. */
export interface Placement {
  id: string;
  /** Code of the offer; null for no place. */
  offer: string | null;
  /** Its rank among those who have a place at the offer, or among those who have none; from 1. */
  rank: number;
  why: Text;
}

/**
 * A campaign: the applications of another procedure are decided together, in rounds, over a limited number of places. Its functions
 * run outside the sandbox, where personal data are, and never know the time.
 */
export interface CampaignFacts {
  /** Code of the procedure whose applications take part. */
  of: `${number}.${string}`;
  /** What an offer is called. */
  offerTitle: Text;
  /** What is said of an offer; one field of it is `name`. */
  offer: z.ZodObject;
  /** The fields of it that the public page shows beside the name. */
  shown: readonly string[];
  /** How many places an offer has, and how many it may ever have when an appeal gets an extra one. */
  places: (details: Offer['details']) => { planned: number; most: number };
  /** Its rounds, by the application of the campaign. */
  rounds: (answers: Readonly<Record<string, unknown>>) => readonly Round[];
  /** How many days, at least, somebody keeps a place that comes free late. */
  keepsDays: number;
  /** What is wrong with a plan beside the form of each part; a path begins with `offers` and a code, or with a field of the application. */
  check: (plan: CampaignPlan) => readonly WrongField[];
  /** The criteria of the allocation in their order, as they are published. */
  criteria: readonly Text[];
  /** What the allocation knows of a member: published, so it names nobody and no home. */
  input: (member: MemberFile, offers: readonly Offer[]) => Readonly<Record<string, unknown>>;
  /** Decides; the same problem has the same answer to the byte, whatever the order in which it lists things. */
  allocate: (problem: AllocationProblem) => readonly Placement[];
}

/** An application that takes part in a campaign. */
export interface MembershipFacts {
  /** The offers that an application names, each with the path of its answer. */
  offers: (
    answers: Readonly<Record<string, unknown>>,
  ) => readonly { path: readonly string[]; code: string }[];
  /** Whom it is for, with the path of the answer: a campaign takes one application for each. */
  about: (answers: Readonly<Record<string, unknown>>) => { path: readonly string[]; key: string };
  /** When a result is expected at the latest. */
  due: Limit;
}
