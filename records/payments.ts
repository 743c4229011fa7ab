import { engine, type Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { notify } from './notices.ts';
import { mayReadCase } from './policy.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';
import { closeTask } from './task-acts.ts';
import { lockedTask } from './task-rows.ts';

/** A fee that a case waits for. */
export interface OpenPayment {
  /** In đồng. */
  amount: number;
  until: string | null;
  /** Absent while the treasury has not answered yet. */
  reference?: string;
  /** EMVCo text that banking apps read as VietQR. */
  vietQr?: string;
}

/**
 * Gives the fee that a case waits for, to whoever may read the case; undefined when it waits for none.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function openPayment(
  db: Database,
  actor: Actor,
  code: string,
  at: Date,
): Promise<OpenPayment | undefined> {
  await mayReadCase(db, actor, code, at);
  const task = await db('tasks')
    .where({ case_code: code, name: 'pay', state: 'open' })
    .first<{ context: Omit<OpenPayment, 'until'>; expires_at: Date | null } | undefined>(
      'context',
      'expires_at',
    );
  if (!task) return undefined;
  const { amount, reference, vietQr } = task.context;
  return {
    amount,
    until: task.expires_at?.toISOString() ?? null,
    ...(reference ? { reference } : {}),
    ...(vietQr ? { vietQr } : {}),
  };
}

/**
 * Takes a fee at the counter: the case hears that it was paid, as it would from the treasury, whose order it then cancels.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, `wrong-role` for others than the reception of the case's agency,
 *   `same-person`, `task-closed` where no fee is awaited, or `invalid-form` for another amount
 */
export async function takePayment(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { code, amount, receipt }: { code: string; amount: number; receipt: string },
): Promise<void> {
  const { agency, standing } = await mayReadCase(trx, actor, code, at);
  if (!mayTakePayments(actor, agency))
    throw new Refusal('wrong-role', 'Chỉ Bộ phận Một cửa được thu · Only the one-stop office takes fees');
  if (standing)
    throw new Refusal('same-person', 'Hồ sơ của chính bạn · Nobody takes the fee of their own case');
  const open = await trx('tasks')
    .where({ case_code: code, name: 'pay', state: 'open' })
    .first<{ id: string } | undefined>('id');
  if (!open) throw new Refusal('task-closed', 'Hồ sơ không chờ nộp phí · The case waits for no fee');
  const task = await lockedTask(trx, open.id);
  const owed = (task.context as { amount: number }).amount;
  if (amount !== owed)
    throw new Refusal('invalid-form', 'Số tiền chưa đúng · The amount is not right', [
      { pointer: '/amount', detail: `Phải thu ${owed} đồng · ${owed} đồng are owed` },
    ]);
  const given = { amount, paidAt: at.toISOString(), receipt, where: 'counter' };
  await closeTask(trx, task, { actor, ground: {}, at, given });
}

/** Whether somebody takes the fees of an agency's cases at its counter. */
export const mayTakePayments = ({ roles, agency: own }: Actor, agency: string): boolean =>
  own === agency && roles.includes('reception');

/** Tells the clerk and the head of a case's agency, once, that its fee was paid through a bank and at the counter. */
export async function tellPaidTwice(
  db: Database,
  { code, agency }: { code: string; agency: string },
  at: Date,
): Promise<void> {
  await db.transaction(async (trx) => {
    const end = await lockRecord(trx, code);
    const reference = 'paid-twice:1';
    const told = await trx('case_record')
      .where({ case_code: code, reference })
      .first<{ number: number } | undefined>('number');
    if (told) return;
    await appendEntry(trx, { case_code: code, ...end }, { at, actor: engine, event: 'paidTwice', reference });
    const to = [`queue:${agency}:clerk`, `queue:${agency}:head`];
    await notify(trx, { code, notice: 'paid-twice', to, number: 1, at });
  });
}
