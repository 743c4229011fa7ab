import { z } from 'zod';
import { ConfigError, type Config } from '../config.ts';
import { roles, type Actor, type Role } from '../records/actor.ts';

/** One claim, or several of which the first that says something counts; of roles all count. `a.b` is `b` inside `a`. */
const paths = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((given) => (typeof given === 'string' ? [given] : given));

/** How the identity provider's claims are called; the only place that knows. */
const ClaimNames = z.strictObject({
  name: paths.default(['name']),
  /** What the person types to sign in, so that the provider can be asked for the same one again. */
  login: paths.default(['preferred_username']),
  roles: paths.default(['roles']),
  agency: paths.default(['agency']),
  title: paths.default(['title']),
  personalNumber: paths.default(['personal_number']),
  email: paths.default(['email']),
  phone: paths.default(['phone_number']),
  /** How well the provider knows the person, as the levels of VNeID are numbered. */
  identityLevel: paths.default(['identity_level']),
  /** The level of each value of that claim, where it is no number. */
  identityLevels: z.record(z.string(), z.int().min(1).max(2)).optional(),
  /** Motcua's role for each role of the provider; where it is given, no other name counts. */
  roleNames: z.record(z.string(), z.enum(roles)).optional(),
});
export type ClaimNames = z.infer<typeof ClaimNames>;

/** How and when a person proved who they are. */
export interface Proof {
  /** The provider's name for how strong it was. */
  acr?: string | undefined;
  /** Seconds since 1970. */
  at?: number | undefined;
  /** How well the provider knows the person (levels of VNeID); undefined where it does not say. */
  level?: number | undefined;
}

/** What the identity provider vouches for. */
export interface Vouched {
  actor: Actor;
  proof: Proof;
  /** The provider's name for the person when it is asked for them again. */
  login: string;
  /** How the person can be reached. */
  contact: { email?: string | undefined; phone?: string | undefined };
  /** The session at the provider. */
  sid?: string | undefined;
}

const text = (most: number) => z.string().min(1).max(most);
const Person = z.object({
  sub: text(200),
  name: text(200).optional(),
  login: text(200).optional().catch(undefined),
  agency: text(40).optional(),
  title: text(200).optional(),
  personalNumber: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
});
const Contact = z.object({
  email: z.email().max(254).optional().catch(undefined),
  // The profile of OpenID Connect writes numbers as E.164; we write them as people do.
  phone: z
    .string()
    .transform((given) => given.replaceAll(/[\s.-]/g, '').replace(/^\+84/, '0'))
    .pipe(z.string().regex(/^0\d{9}$/))
    .optional()
    .catch(undefined),
});
const Session = z.object({
  acr: text(500).optional().catch(undefined),
  auth_time: z.number().int().positive().optional().catch(undefined),
  sid: text(500).optional().catch(undefined),
});

/** The names that hold where nothing else is configured. */
export const usualNames: ClaimNames = ClaimNames.parse({});

/**
 * Reads OIDC_CLAIMS.
 *
 * @throws ConfigError naming the wrong place
 */
export function claimNames({ OIDC_CLAIMS: given }: Pick<Config, 'OIDC_CLAIMS'>): ClaimNames {
  if (given === undefined) return usualNames;
  const parsed = ClaimNames.safeParse(jsonOf(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new ConfigError(
    `OIDC_CLAIMS is wrong${place}: ${issue?.message}; allowed: JSON as docs/keycloak.md shows it`,
  );
}

function jsonOf(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

/**
 * Reads from the claims of a token who it is about and how they proved it; roles that Motcua does not know are dropped.
 *
 * @returns undefined when the claims do not name a person
 */
export function vouchedBy(claims: unknown, names: ClaimNames = usualNames): Vouched | undefined {
  const first = (among: string[]) => found(claims, among)[0];
  const parsed = Person.safeParse({
    sub: first(['sub']),
    name: first(names.name),
    login: first(names.login),
    agency: first(names.agency),
    title: first(names.title),
    personalNumber: first(names.personalNumber),
  });
  if (!parsed.success) return undefined;
  const { login, name, ...person } = parsed.data;
  const { acr, auth_time: at, sid } = Session.parse(claims);
  return {
    actor: { ...person, name: name ?? person.sub, roles: rolesIn(claims, names) },
    proof: { acr, at, level: levelIn(first(names.identityLevel), names) },
    login: login ?? person.sub,
    contact: Contact.parse({ email: first(names.email), phone: first(names.phone) }),
    sid,
  };
}

/** A level that is a number, or has one. */
function levelIn(said: unknown, { identityLevels }: ClaimNames): number | undefined {
  if (typeof said !== 'string' && typeof said !== 'number') return undefined;
  const level = identityLevels ? identityLevels[said] : Number(said);
  return Number.isInteger(level) ? level : undefined;
}

function rolesIn(claims: unknown, { roles: among, roleNames }: ClaimNames): Role[] {
  const given = found(claims, among).flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []));
  const meant = new Map(Object.entries(roleNames ?? Object.fromEntries(roles.map((role) => [role, role]))));
  const known = given.map((name) => (typeof name === 'string' ? meant.get(name) : undefined));
  return [...new Set(known)].filter((role) => role !== undefined);
}

/** What the claims say under some of the paths. A claim whose own name has dots comes before one inside another. */
function found(claims: unknown, among: string[]): unknown[] {
  return among
    .map((path) => inside(claims, path) ?? path.split('.').reduce<unknown>(inside, claims))
    .filter((value) => value !== undefined && value !== null);
}

const inside = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
