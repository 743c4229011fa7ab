import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import { mustReceive } from './cases.ts';
import type { Database, Transaction } from './db.ts';
import { fileHandedIn, mustBeOpen } from './filing.ts';
import type { Completion, HandedIn, Named, Parties } from './handed-in.ts';
import { endOfDay } from './local-day.ts';
import { mustOwn } from './papers.ts';
import { subjectFor } from './parties.ts';
import { mayCoSign, mayTakeBack } from './policy.ts';
import { digest, type Entry } from './record.ts';
import { Refusal } from './refusal.ts';

/*
 * An application that names co-applicants is nothing yet: no case, no number, no clock. It is filed by the last
 * signature, at its instant; until then it expires by itself, and any co-applicant can refuse it.
 */

const day = 86_400_000;
/** How long co-applicants have to sign. */
const waitsMs = 15 * day;

/** An application that waits, and for how many signatures. */
export interface Prepared {
  id: string;
  expiresAt: string;
  waitingFor: number;
}

/** A prepared application under the lock of an act. */
interface Row {
  id: string;
  content: HandedIn;
  prepared_by: Actor;
  applicant_sub: string;
  authorisation: string | null;
  prepared_at: Date;
  expires_at: Date;
  ended_at: Date | null;
}

interface By {
  actor: Actor;
  at: Date;
}

/**
 * Keeps an application until everybody whom it names has signed it, and no longer than its representative may act. It holds
 * no place in a window: the last signature takes one, or finds none.
 *
 * @throws Refusal `not-found` (agency), `unknown-upload`, `filing-closed` or `no-place-left`
 */
export async function prepare(
  trx: Transaction,
  at: Date,
  { handedIn, parties, representative, coApplicants }: Named & { handedIn: HandedIn; parties: Parties },
  procedureCode: string,
): Promise<Prepared> {
  const { applicantSub, authorisation } = parties;
  const { personalNumber: _vouched, ...actor } = parties.actor;
  await mustReceive(trx, handedIn.agency);
  await mustBeOpen(trx, at, { ...handedIn, procedureCode });
  await mustOwn(trx, actor.sub, handedIn.papers);
  const id = randomUUID();
  const ends = representative ? [endOfDay(representative.authorisation.validUntil).getTime()] : [];
  const expiresAt = new Date(Math.min(at.getTime() + waitsMs, ...ends));
  await trx('prepared_applications').insert({
    id,
    content: JSON.stringify(handedIn),
    prepared_by: JSON.stringify(actor),
    agency: handedIn.agency,
    applicant_sub: applicantSub,
    authorisation: authorisation ?? null,
    prepared_at: at,
    expires_at: expiresAt,
  });
  for (const [index, { fullName, personalNumber }] of coApplicants.entries())
    await trx('co_signatures').insert({
      application: id,
      number: index + 1,
      sub: await subjectFor(trx, personalNumber),
      person: JSON.stringify({ fullName, personalNumber }),
    });
  return { id, expiresAt: expiresAt.toISOString(), waitingFor: coApplicants.length };
}

/**
 * Signs an application as one of its co-applicants; the last signature files it. Signed again, nothing changes.
 *
 * @param complete what filing needs, checked on the day of filing
 * @throws Refusal `not-found`, `not-yours`, `application-over` and whatever filing throws
 */
export async function coSign(
  trx: Transaction,
  { actor, at }: By,
  id: string,
  complete: (handedIn: HandedIn) => Completion,
): Promise<{ code: string } | Prepared> {
  const number = await mayCoSign(trx, actor, id);
  const application = await lockOpen(trx, id, at);
  await trx('co_signatures')
    .where({ application: id, number })
    .whereNull('signed_at')
    .update({ signed_at: at, signed_by: actor.sub });
  const signatures = await trx('co_signatures')
    .where({ application: id })
    .orderBy(['signed_at', 'number'])
    .select<Signature[]>('number', 'signed_at', 'signed_by');
  const waitingFor = signatures.filter(({ signed_at }) => signed_at === null).length;
  if (waitingFor > 0) return { id, expiresAt: application.expires_at.toISOString(), waitingFor };
  return file(trx, at, { application, signatures: signatures as Signed[] }, complete);
}

interface Signature {
  number: number;
  signed_at: Date | null;
  signed_by: string | null;
}
type Signed = Signature & { signed_at: Date; signed_by: string };

async function file(
  trx: Transaction,
  at: Date,
  { application, signatures }: { application: Row; signatures: Signed[] },
  complete: (handedIn: HandedIn) => Completion,
): Promise<{ code: string }> {
  const { id, content, prepared_by: actor, applicant_sub: applicantSub, authorisation } = application;
  const parties = { actor, applicantSub, authorisation: authorisation ?? undefined };
  const signedContent = digest(content);
  const entries = signatures.map(({ number, signed_at, signed_by }): Entry => ({
    at: signed_at,
    actor: { sub: signed_by, name: '', roles: ['citizen'], as: 'co-applicant' },
    event: 'co-signed',
    details: { application: id, content: signedContent },
    reference: `co-signature:${number}`,
  }));
  const signed = { application: id, signatures: entries };
  const { code } = await fileHandedIn(trx, at, content, parties, complete(content), signed);
  await trx('prepared_applications').where({ id }).update({ content: null, ended_at: at, case_code: code });
  return { code };
}

/**
 * Refuses to sign as one of the co-applicants, also after having signed: the application has ended.
 *
 * @throws Refusal `not-found`, `not-yours` or `application-over`
 */
export async function refuseToSign(
  trx: Transaction,
  { actor, at }: By,
  { id, reason }: { id: string; reason: string },
): Promise<void> {
  const number = await mayCoSign(trx, actor, id);
  await lockOpen(trx, id, at);
  await trx('co_signatures')
    .where({ application: id, number })
    .update({ signed_at: null, signed_by: null, refused_at: at, reason });
  await end(trx, id, at);
}

/**
 * Takes an application back before it is filed.
 *
 * @throws Refusal `not-found`, `not-yours` or `application-over`
 */
export async function takeBack(trx: Transaction, { actor, at }: By, id: string): Promise<void> {
  await mayTakeBack(trx, actor, id, at);
  await lockOpen(trx, id, at);
  await end(trx, id, at);
}

const end = (trx: Transaction, id: string, at: Date) =>
  trx('prepared_applications').where({ id }).update({ content: null, ended_at: at });

/** Locks an application that still waits: its acts happen one after the other. */
async function lockOpen(trx: Transaction, id: string, at: Date): Promise<Row> {
  const row = await trx('prepared_applications').where({ id }).forUpdate().first<Row>();
  const over = row.ended_at !== null || row.expires_at <= at;
  if (over)
    throw new Refusal(
      'application-over',
      'Đơn đã nộp, đã kết thúc hoặc hết hạn · The application was filed, has ended or expired',
    );
  return row;
}

/** Forgets applications that were never filed and whose time was over before an instant, with their authorisations. */
export async function forgetPrepared(db: Database, before: Date): Promise<void> {
  await db.raw(
    /* sql */ `
    WITH gone AS (
      DELETE FROM prepared_applications WHERE case_code IS NULL AND expires_at < :before RETURNING authorisation
    ) DELETE FROM authorisations USING gone WHERE authorisations.id = gone.authorisation`,
    { before },
  );
}
