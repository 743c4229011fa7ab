import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { Callback, taskCallback } from './callback.ts';

/** Reference of a payment: it fits the 25 characters of a transfer note, so that bank statements can be matched. */
export const PaymentReference = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,25}$/, '1 to 25 letters, digits, dots, hyphens');

/** What the treasury is asked to collect; the amount is in đồng. */
export const PaymentRequest = z
  .object({
    reference: PaymentReference,
    amount: z.int().min(1),
    purpose: z.string().min(1).max(200),
    callback: Callback,
  })
  .meta({ id: 'PaymentRequest' });

/** Which order nobody is to pay any more. */
export const PaymentCancellation = z
  .object({ reference: PaymentReference })
  .meta({ id: 'PaymentCancellation' });

/** An order of payment and how far it is. */
export const PaymentOrder = z
  .object({
    order: z.string(),
    reference: PaymentReference,
    amount: z.int(),
    purpose: z.string(),
    state: z.enum(['requested', 'paid', 'cancelled']),
    /** EMVCo text that banking apps read as VietQR. */
    vietQr: z.string(),
    paidAt: z.iso.datetime().optional(),
    receipt: z.string().optional(),
  })
  .meta({ id: 'PaymentOrder' });
export type PaymentOrder = z.infer<typeof PaymentOrder>;

/** What the treasury later puts into the task: `{"answer": {"amount": 75000, "paidAt": "…", "receipt": "…"}}`. */
export const Payment = z
  .object({ amount: z.int(), paidAt: z.iso.datetime(), receipt: z.string() })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof Payment>;

export interface PaymentQuestion {
  reference: string;
  /** In đồng. */
  amount: number;
  purpose: string;
  taskId: string;
  caseCode: string;
}

export interface Treasury {
  /** Opens an order of payment; `key` is its business key. The treasury completes the task when it is paid. */
  requestPayment(question: PaymentQuestion, key: string): Promise<PaymentOrder>;
  /** Cancels an order that nobody is to pay any more; one that was paid stays paid. */
  cancelPayment(order: { reference: string; caseCode: string }, key: string): Promise<PaymentOrder>;
}

/** Connects to the treasury, which calls back at `publicUrl`; its errors are those of {@link callAgency}. */
export function createTreasury(address: AgencyAddress & { publicUrl: string }): Treasury {
  return {
    requestPayment: ({ taskId, caseCode, ...order }, key) =>
      callAgency(address, {
        agency: 'treasury',
        path: '/payment-orders',
        body: { ...order, callback: taskCallback(address.publicUrl, taskId) },
        answer: PaymentOrder,
        key,
        caseCode,
      }),
    cancelPayment: ({ reference, caseCode }, key) =>
      callAgency(address, {
        agency: 'treasury',
        path: '/payment-orders/cancel',
        body: { reference },
        answer: PaymentOrder,
        key,
        caseCode,
      }),
  };
}
