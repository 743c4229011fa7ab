import type { Actor } from './actor.ts';
import { readCalendar } from './calendar.ts';
import type { CalendarRows } from './calendar-rows.ts';
import { mayHaveCases } from './competences.ts';
import type { Database, Transaction } from './db.ts';
import { notify } from './notices.ts';
import { queueMessage } from './outbox.ts';
import type { Seat } from './parties.ts';
import { leadership, mayReadInternally, type Authority } from './policy.ts';
import { chain, insertRecord, lockRecord, type RecordEnd } from './record.ts';
import { Refusal } from './refusal.ts';

/*
 * What officers do to a case as a whole, beside its tasks: it holds from the commit on, and the case's workflow is told.
 */

interface By {
  actor: Actor;
  at: Date;
}

/** The states in which a case is under way: filed, accepted, in process, waiting for a supplement or for a payment. */
const underWay = [1, 2, 4, 5, 6];

/**
 * Transferring a case: the reception of the agency that has it, and who leads that agency, until it is decided.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, `wrong-role` or `case-decided`
 */
export async function mayTransfer(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<{ now: Seat; ground: Authority }> {
  const now = await mayReadInternally(db, actor, code, at);
  expectUnderWay(now);
  const receives = actor.roles.includes('reception') && actor.agency === now.agency;
  return { now, ground: receives ? {} : await leadership(db, actor, now, at) };
}

/**
 * Asking an agency for its opinion on a case: the officers of the agency that has it, until it is decided.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, `wrong-role` or `case-decided`
 */
export async function mayConsult(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Seat> {
  const now = await mayReadInternally(db, actor, code, at);
  expectUnderWay(now);
  if (actor.agency !== now.agency)
    throw new Refusal('wrong-agency', 'Hồ sơ này thuộc cơ quan khác · This case belongs to another agency');
  if (!['reception', 'specialist', 'head', 'leader'].some((role) => actor.roles.some((has) => has === role)))
    throw new Refusal('wrong-role', 'Vai trò của bạn không hỏi ý kiến · Your role does not ask for opinions');
  return now;
}

function expectUnderWay(now: Seat): void {
  if (now.closed_at || !underWay.includes(now.state))
    throw new Refusal('case-decided', 'Hồ sơ đã được quyết định · The case has been decided');
}

/** When a file received at an instant must have been passed on, over a calendar (Decree 118/2025 Art. 18.2). */
export type TransferDue = (receivedAt: Date, calendar: CalendarRows) => Date;

/**
 * Transfers a case, instead of rejecting it, to the agency that is competent: its open tasks are that agency's, its papers
 * and its clock go along, its code stays. The record says by when it had to be done and whether it was late.
 *
 * @throws Refusal as {@link mayTransfer}, and `invalid-form` for an agency that does not exist, has the case already or does not
 * receive the procedure
 */
export async function transferCase(
  trx: Transaction,
  { actor, at }: By,
  { code, to, reason }: { code: string; to: string; reason: string },
  dueOf: TransferDue,
): Promise<{ by: Date; late: boolean }> {
  const end = await lockRecord(trx, code);
  const { now, ground } = await mayTransfer(trx, actor, code, at);
  const from = now.agency;
  const name = await mustBeAnother(trx, to, from);
  const { procedure_code: procedure } = await trx('cases')
    .where({ code })
    .first<{ procedure_code: string }>('procedure_code');
  await mayHaveCases(trx, procedure, to);
  const received = now.accepted_at ?? now.filed_at;
  const by = dueOf(received, await readCalendar(trx, from));
  const late = at > by;
  await trx('tasks')
    .where({ case_code: code, agency: from, state: 'open' })
    .update({ agency: to, claimed_by: null, claimed_name: null, claimed_at: null });
  await trx('cases').where({ code }).update({ agency: to });
  const { act } = await tellCase(trx, { actor, at }, code, end, {
    event: 'transferred',
    details: { from, to, reason, by: by.toISOString(), late, ...ground },
    message: { kind: 'transfer', from, to, name, reason },
  });
  const queue = `queue:${to}:reception`;
  await notify(trx, { code, notice: 'transferred', to: [now.applicant_sub, queue], number: act, at });
  return { by, late };
}

/**
 * Asks an agency for its opinion, which the case does not wait for; when its time is over, the head of that agency is told.
 *
 * @throws Refusal as {@link mayConsult}, and `invalid-form` for an agency that does not exist or has the case itself
 */
export async function consultAgency(
  trx: Transaction,
  { actor, at }: By,
  { code, agency, question, within }: { code: string; agency: string; question: string; within: string },
): Promise<void> {
  const end = await lockRecord(trx, code);
  const { agency: own } = await mayConsult(trx, actor, code, at);
  await mustBeAnother(trx, agency, own);
  await tellCase(trx, { actor, at }, code, end, {
    event: 'consulted',
    details: { agency, question, within },
    message: { kind: 'consult', agency, question, within, asker: actor.sub },
  });
}

async function mustBeAnother(trx: Transaction, code: string, own: string): Promise<string> {
  const refuse = (detail: string) =>
    new Refusal('invalid-form', 'Cơ quan không đúng · Not the right agency', [
      { pointer: '/agency', detail },
    ]);
  if (code === own) throw refuse('Cơ quan này đang giải quyết hồ sơ · This agency has the case already');
  const found = await trx('agencies').where({ code }).first<{ name: { vi: string } } | undefined>('name');
  if (!found) throw refuse(`Không có cơ quan ${code} · There is no agency ${code}`);
  return found.name.vi;
}

interface Told {
  event: string;
  details: Record<string, unknown>;
  message: { kind: string } & Record<string, unknown>;
}

/** Enters an act into the record of a locked case and queues the message that tells its workflow. */
export async function tellCase(
  trx: Transaction,
  { actor, at }: By,
  code: string,
  end: RecordEnd,
  { event, details, message }: Told,
): Promise<{ act: number }> {
  const { last_act } = await trx('cases').where({ code }).first<{ last_act: number }>('last_act');
  const act = last_act + 1;
  const { rows: record, end: after } = chain(end, [{ at, actor, event, details, reference: `act:${act}` }]);
  await trx.raw(
    /* sql */ `
    WITH changed AS (
      UPDATE cases SET last_act = :act, record_length = :record_length, record_hash = :record_hash
       WHERE code = :code RETURNING code, last_act
    ), recorded AS (${insertRecord}), ${queueMessage}`,
    { code, act, at, record, ...after, message: JSON.stringify(message) },
  );
  return { act };
}
