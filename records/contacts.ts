import type { Reach } from '../messaging/channels.ts';
import type { Database, Transaction } from './db.ts';

/** What the identity provider vouches for of how a person is reached. */
interface Vouched {
  sub: string;
  personalNumber?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
}

/** Keeps how the person who signs in can be reached; what they chose themselves stays. */
export async function noteContact(
  db: Database,
  { sub, personalNumber, email, phone }: Vouched,
): Promise<void> {
  const row = { sub, personal_number: personalNumber ?? null, email: email ?? null, phone: phone ?? null };
  await db('contacts').insert(row).onConflict('sub').merge(['personal_number', 'email', 'phone']);
}

/** Keeps the address that somebody has left who does not say who they are. */
export async function leaveAddress(trx: Transaction, sub: string, email: string): Promise<void> {
  await trx('contacts').insert({ sub, email }).onConflict('sub').merge(['email']);
}

/** What a person chose about notices; null where they leave it to us. */
export interface Choices {
  byEmail: boolean | null;
  bySms: boolean | null;
  language: 'vi' | 'en' | null;
}

/** How a person is reached, as they see and change it. */
export interface OwnContact extends Choices {
  email: string | null;
  phone: string | null;
}

/** Reads how somebody is reached outside their applications. */
export async function contactOf(db: Database, sub: string): Promise<OwnContact> {
  const row = await db('contacts')
    .where({ sub })
    .first<OwnContact | undefined>(
      'email',
      'phone',
      'language',
      db.raw('by_email AS "byEmail"'),
      db.raw('by_sms AS "bySms"'),
    );
  return row ?? { email: null, phone: null, language: null, byEmail: null, bySms: null };
}

/** Keeps what somebody chose. */
export async function chooseChannels(
  trx: Transaction,
  { sub, personalNumber }: Pick<Vouched, 'sub' | 'personalNumber'>,
  { byEmail, bySms, language }: Choices,
): Promise<void> {
  const chosen = { by_email: byEmail, by_sms: bySms, language };
  await trx('contacts')
    .insert({ sub, personal_number: personalNumber ?? null, ...chosen })
    .onConflict('sub')
    .merge(Object.keys(chosen));
}

/** How somebody is reached about one case. */
export interface Reachable extends Reach {
  sub: string;
  language: 'vi' | 'en' | null;
}

/**
 * Finds how people are reached about a case: the applicant as the application says, else as the identity provider vouches.
 * Who is named in applications by their personal number and signs in under another subject is the same person.
 */
export async function reachAbout(
  trx: Transaction,
  code: string,
  subs: readonly string[],
): Promise<Reachable[]> {
  const { rows } = await trx.raw<{ rows: Reachable[] }>(
    /* sql */ `
    SELECT person.sub, known.language, known.by_email AS "byEmail", known.by_sms AS "bySms",
           coalesce((SELECT jsonb_agg(jsonb_build_object('endpoint', endpoint, 'p256dh', p256dh, 'auth', auth) ORDER BY made_at)
                       FROM push_subscriptions pushed WHERE pushed.sub IN (person.sub, known.sub)), '[]') AS browsers,
           coalesce(CASE WHEN person.sub = cases.applicant_sub THEN nullif(cases.applicant->>'email', '') END, known.email) AS email,
           coalesce(CASE WHEN person.sub = cases.applicant_sub THEN nullif(cases.applicant->>'phone', '') END, known.phone) AS phone
      FROM unnest(CAST(:subs AS text[])) AS person (sub)
           JOIN cases ON cases.code = :code
           LEFT JOIN citizens ON citizens.sub = person.sub
           LEFT JOIN LATERAL (
             SELECT * FROM contacts
              WHERE contacts.sub = person.sub OR contacts.personal_number = citizens.personal_number
              ORDER BY contacts.sub = person.sub DESC LIMIT 1) known ON true`,
    { code, subs: [...subs] },
  );
  return rows;
}
