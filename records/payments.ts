import type { Actor } from './actor.ts';
import type { Database } from './db.ts';
import { mayReadCase } from './policy.ts';

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
