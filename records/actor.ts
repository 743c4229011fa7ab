/** What a person or a machine may be in a case; agencies' own names for these are mapped at sign-in. */
export const roles = [
  'citizen',
  'reception',
  'specialist',
  'head',
  'leader',
  'clerk',
  'field',
  'consulted',
  'committee',
  'treasury',
  'registry',
  'sensor',
  'clinician',
  'recipient',
  'admin',
] as const;
export type Role = (typeof roles)[number];

/** Who acts, as told by the identity provider; never by the request's body. */
export interface Actor {
  /** Stable subject of the identity provider; the key of everything that a person did. */
  sub: string;
  name: string;
  roles: Role[];
  /** Code of the agency that an officer acts for; citizens have none. */
  agency?: string | undefined;
  /** Job title, printed under signatures. */
  title?: string | undefined;
  /** The citizen's 12-digit personal identification number, when the provider vouches for it. */
  personalNumber?: string | undefined;
  /** In whose place the act is done, by a substitute or a representative; found by the policy, never told by a request. */
  for?: Person | undefined;
  /** What a citizen is in the case, where they are not its applicant; found by the policy too. */
  as?: 'representative' | 'co-applicant' | undefined;
}

/** A person as the record names them. */
export interface Person {
  sub: string;
  name: string;
}

/** The engine itself, where the record needs an author: silence, deadlines, generated letters. */
export const engine: Actor = { sub: 'motcua', name: 'Motcua', roles: [] };
