import { randomUUID } from 'node:crypto';
import type { Actor, Person } from './actor.ts';
import type { Channel } from './channels.ts';
import type { Database, Transaction } from './db.ts';
import { askedOnce } from './glance.ts';
import { localDay } from './local-day.ts';

/** A citizen as an application names them. */
export interface NamedCitizen {
  fullName: string;
  personalNumber: string;
}

/** ISO 8601 in the words of PostgreSQL. */
const iso = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** What somebody is in a case as a citizen, at an instant. */
export interface Standing {
  as: 'applicant' | 'representative' | 'co-applicant';
  /** The applicant, for whom a representative acts. */
  for?: Person;
}

/** What the guards of a case rest on: where it stands, and what somebody is in it as a citizen. */
export interface Seat {
  agency: string;
  procedure: string;
  applicant_sub: string;
  state: number;
  filed_at: Date;
  accepted_at: Date | null;
  closed_at: Date | null;
  standing?: Standing | undefined;
}

const seatColumns = [
  'agency',
  'procedure',
  'applicant_sub',
  'state',
  'filed_at',
  'accepted_at',
  'closed_at',
] as const;

/** On which way a case came, and who is on the citizens' side of it. */
export interface CaseParties {
  channel: Channel;
  /** The officer who took it in at the counter or from the post. */
  takenInBy: (Person & { title?: string }) | null;
  /** Local days (ISO); `endedAt` where the authorisation was ended before its time. */
  representative:
    (NamedCitizen & { number: string; issuedOn: string; validUntil: string; endedAt: string | null }) | null;
  coApplicants: (NamedCitizen & { signedAt: string })[];
}

/**
 * SQL of the {@link CaseParties} of a case as columns.
 *
 * @param cases the alias under which the query knows the table
 */
export const caseParties = (cases: string) => /* sql */ `
  ${cases}.channel, ${cases}.taken_in_by AS "takenInBy",
  (SELECT representative || jsonb_build_object('number', paper_number, 'issuedOn', issued_on,
            'validUntil', valid_until, 'endedAt', to_char(ended_at AT TIME ZONE 'UTC', '${iso}'))
     FROM authorisations WHERE id = ${cases}.authorisation) AS representative,
  coalesce((SELECT jsonb_agg(person || jsonb_build_object('signedAt', to_char(signed_at AT TIME ZONE 'UTC', '${iso}'))
                             ORDER BY number)
              FROM co_signatures WHERE application = ${cases}.application), '[]') AS "coApplicants"`;

/** Gives the subject that stands for whoever holds a personal number, the same one every time. */
export async function subjectFor(trx: Transaction, personalNumber: string): Promise<string> {
  const row = { personal_number: personalNumber, sub: `citizen:${randomUUID()}` };
  await trx('citizens').insert(row).onConflict('personal_number').ignore();
  const known = await trx('citizens')
    .where({ personal_number: personalNumber })
    .first<{ sub: string }>('sub');
  return known.sub;
}

/** The subjects under which applications know somebody: their own and that of the personal number vouched for. */
async function selvesOf(db: Database | Transaction, actor: Actor): Promise<string[]> {
  if (!actor.personalNumber) return [actor.sub];
  const named = await db('citizens')
    .where({ personal_number: actor.personalNumber })
    .first<{ sub: string } | undefined>('sub');
  return named ? [actor.sub, named.sub] : [actor.sub];
}

/** Officers whom nobody vouches for as citizens are no party of anything, which spares asking. */
const maybeParty = ({ roles, personalNumber }: Actor) =>
  personalNumber !== undefined || roles.includes('citizen');

/** The authorisations that hold at an instant; both of their days are local ones. */
const holding = `authorisations.ended_at IS NULL AND :day BETWEEN issued_on AND valid_until`;

/** Tells what somebody is in a case at an instant; nothing where they are no party, or no more. */
export async function standingIn(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Standing | undefined> {
  if (!maybeParty(actor)) return undefined;
  return (await seatIn(db, actor, code, at))?.standing;
}

/**
 * Tells where a case stands and what somebody is in it, in one question, as nearly everything begins with it; nothing where
 * there is no such case.
 */
export function seatIn(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Seat | undefined> {
  return askedOnce(db, actor, `seat ${code}`, () => findSeat(db, actor, code, at));
}

async function findSeat(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Seat | undefined> {
  if (!maybeParty(actor))
    return db('cases')
      .where({ code })
      .first<Seat | undefined>(...seatColumns);
  const matter = /* sql */ `
    SELECT ${seatColumns.join(', ')}, applicant, authorisation, application FROM cases WHERE code = :of`;
  return placeIn<Seat>(db, actor, matter, code, at);
}

/** The same of an application that waits for its co-applicants. */
export async function standingInPrepared(
  db: Database | Transaction,
  actor: Actor,
  id: string,
  at: Date,
): Promise<Standing | undefined> {
  if (!maybeParty(actor)) return undefined;
  const matter = /* sql */ `
    SELECT applicant_sub, content->'applicant' AS applicant, authorisation, id AS application
      FROM prepared_applications WHERE id = :of`;
  return (await placeIn(db, actor, matter, id, at))?.standing;
}

/** In a transaction the authorisation stays locked, so that it does not end in the middle of an act. */
async function placeIn<More>(
  db: Database | Transaction,
  actor: Actor,
  matter: string,
  of: string,
  at: Date,
): Promise<(More & { standing: Standing | undefined }) | undefined> {
  const asked = { of, day: localDay(at), sub: actor.sub, number: actor.personalNumber ?? null };
  const { rows } = await db.raw<{ rows: (More & Place)[] }>(
    /* sql */ `
    WITH selves AS (SELECT CAST(:sub AS text) AS sub
                    UNION SELECT sub FROM citizens WHERE personal_number = CAST(:number AS text))
    SELECT matter.*, applicant_sub IN (SELECT sub FROM selves) AS applies, applicant->>'fullName' AS applicant_name,
           (SELECT id FROM authorisations
             WHERE id = authorisation AND representative_sub IN (SELECT sub FROM selves) AND ${holding}
             ${db.isTransaction ? 'FOR SHARE' : ''}) IS NOT NULL AS represents,
           EXISTS (SELECT FROM co_signatures
                    WHERE co_signatures.application = matter.application
                      AND sub IN (SELECT sub FROM selves)) AS signs
      FROM (${matter}) matter`,
    asked,
  );
  const [found] = rows;
  return found && { ...found, standing: standingAt(found) };
}

interface Place {
  applicant_sub: string;
  applicant_name: string | null;
  applies: boolean;
  represents: boolean;
  signs: boolean;
}

function standingAt({ applicant_sub: sub, applicant_name: name, ...place }: Place): Standing | undefined {
  if (place.applies) return { as: 'applicant' };
  if (place.represents) return { as: 'representative', for: { sub, name: name ?? '' } };
  return place.signs ? { as: 'co-applicant' } : undefined;
}

/** Whether somebody acts for the applicant of a case, until it is ended. */
export async function hasRepresentative(db: Database, code: string): Promise<boolean> {
  const found = await db('authorisations')
    .join('cases', 'cases.authorisation', 'authorisations.id')
    .where({ code, ended_at: null })
    .first<{ id: string } | undefined>('id');
  return found !== undefined;
}

/** Finds the number of somebody's own signature under an application. */
export async function coSignatureOf(
  db: Database | Transaction,
  actor: Actor,
  application: string,
): Promise<number | undefined> {
  const found = await db('co_signatures')
    .where({ application })
    .whereIn('sub', await selvesOf(db, actor))
    .first<{ number: number } | undefined>('number');
  return found?.number;
}

/** What {@link casesOf} and {@link tasksOf} are asked with. */
export async function partyBindings(db: Database, actor: Actor, at: Date) {
  return { selves: await selvesOf(db, actor), day: localDay(at) };
}

/**
 * SQL of the cases of which somebody is a party: their codes, and whether they act there for the applicant.
 * `:selves` and `:day` are those of {@link partyBindings}.
 */
const parties = /* sql */ `
  SELECT code, true AS acts FROM cases WHERE applicant_sub = ANY(:selves)
  UNION ALL
  SELECT code, true FROM authorisations JOIN cases ON cases.authorisation = authorisations.id
   WHERE representative_sub = ANY(:selves) AND ${holding}
  UNION ALL
  SELECT code, false FROM co_signatures JOIN cases USING (application) WHERE sub = ANY(:selves)`;

/** Finds who is a party of some cases at an instant, by the subjects under which {@link partyBindings} know them. */
export async function partiesAmong(
  db: Database | Transaction,
  codes: string[],
  at: Date,
): Promise<{ code: string; sub: string }[]> {
  const { rows } = await db.raw<{ rows: { code: string; sub: string }[] }>(
    /* sql */ `
    SELECT code, applicant_sub AS sub FROM cases WHERE code = ANY(:codes)
    UNION ALL
    SELECT code, representative_sub FROM cases JOIN authorisations ON cases.authorisation = authorisations.id
     WHERE code = ANY(:codes) AND ${holding}
    UNION ALL
    SELECT code, sub FROM cases JOIN co_signatures USING (application) WHERE code = ANY(:codes)`,
    { codes, day: localDay(at) },
  );
  return rows;
}

/** SQL condition: somebody is a party of the case. */
export const casesOf = /* sql */ `cases.code IN (SELECT code FROM (${parties}) party)`;

/** SQL condition: an open task of citizens is theirs; every party may withdraw, the rest is the applicant's side's. */
export const tasksOf = /* sql */ `tasks.id IN (
  SELECT theirs.id
    FROM (SELECT code, bool_or(acts) AS acts FROM (${parties}) each_ground GROUP BY code) party
    JOIN tasks theirs ON theirs.case_code = party.code AND (party.acts OR theirs.name = 'withdraw')
   WHERE theirs.state = 'open' AND theirs.role = 'citizen')`;

/** SQL condition: somebody, or `:sub` in their own name, has to do with the prepared application. */
export const preparedOf = /* sql */ `prepared_applications.id IN (
  SELECT id FROM prepared_applications
   WHERE applicant_sub = ANY(:selves) OR (prepared_by->>'sub' = :sub AND prepared_by->>'as' IS NULL)
  UNION
  SELECT prepared.id FROM authorisations JOIN prepared_applications prepared ON authorisation = authorisations.id
   WHERE representative_sub = ANY(:selves) AND ${holding}
  UNION
  SELECT application FROM co_signatures WHERE sub = ANY(:selves))`;

/** Makes the parties of one case those of another that comes from it, with the way on which that one came. */
export async function inheritParties(trx: Transaction, code: string, from: string): Promise<void> {
  await trx.raw(
    /* sql */ `
    UPDATE cases SET channel = origin.channel, taken_in_by = origin.taken_in_by,
                     authorisation = origin.authorisation, application = origin.application
      FROM cases origin WHERE cases.code = :code AND origin.code = :from`,
    { code, from },
  );
}
