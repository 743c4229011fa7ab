import { join } from 'node:path';
import type { Express } from 'express';
import { PaymentCancellation, PaymentOrder, PaymentRequest } from '../../activities/agencies/treasury.ts';
import type { Clock } from '../../clock.ts';
import { Problem } from './act.ts';
import { createCallbacks, type CallbackOptions } from './callbacks.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';
import { openJournal } from './journal.ts';
import { vietQr } from './viet-qr.ts';

export interface TreasuryOptions extends CallbackOptions {
  clock: Clock;
  /** Folder where orders survive a restart; without it they are forgotten. */
  folder?: string | undefined;
}

type Event =
  | { event: 'requested'; order: PaymentOrder; url: string }
  | { event: 'paid'; reference: string; paidAt: string; receipt: string }
  | { event: 'cancelled'; reference: string }
  | { event: 'told'; reference: string };

interface Account {
  order: PaymentOrder;
  url: string;
  told: boolean;
}

/** A bank number that NAPAS has given to nobody, so that no real money can follow a sample QR code. */
const sampleAccount = { bank: '999999', account: '0000000041' };

/** A sample treasury: takes orders of payment, lets the sandbox's bank pay them and completes the task of the case. */
export function createTreasury(options: TreasuryOptions): Express {
  const { clock, folder } = options;
  const journal = openJournal<Event>(folder === undefined ? undefined : join(folder, 'treasury.jsonl'));
  const callbacks = createCallbacks(options);
  const desk = createDesk({ name: 'treasury', title: 'Treasury', control: Control, folder });
  const accounts = new Map<string, Account>();

  function happens(past: Event) {
    if (past.event === 'requested') {
      accounts.set(past.order.reference, { order: past.order, url: past.url, told: false });
      return;
    }
    const account = open(past.reference);
    if (past.event === 'told') account.told = true;
    else if (past.event === 'cancelled') account.order = { ...account.order, state: 'cancelled' };
    else account.order = { ...account.order, state: 'paid', paidAt: past.paidAt, receipt: past.receipt };
  }

  function record(now: Event) {
    journal.write(now);
    happens(now);
  }

  function open(reference: string | undefined): Account {
    const account = accounts.get(reference ?? '');
    if (!account) throw new Problem(404, 'no order of payment has this reference');
    return account;
  }

  function tell({ order: { reference, amount, paidAt, receipt }, url }: Account) {
    const callback = { url, key: `treasury/${reference}`, answer: { amount, paidAt, receipt } };
    callbacks.send(callback, desk.control(), () => record({ event: 'told', reference }));
  }

  desk.takes({
    method: 'post',
    path: '/payment-orders',
    summary:
      'Open an order of payment; the payment is told to the callback as {"answer": {"amount", "paidAt", "receipt"}}',
    question: PaymentRequest,
    answer: PaymentOrder,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ reference, amount, purpose, callback }) {
      callbacks.admit(callback.url);
      const known = accounts.get(reference);
      if (known && known.order.amount !== amount)
        throw new Problem(409, 'the reference belongs to another order');
      if (known) return known.order;
      const code = vietQr({ ...sampleAccount, amount, note: reference });
      const order = {
        order: `KB-${reference}`,
        reference,
        amount,
        purpose,
        state: 'requested' as const,
        vietQr: code,
      };
      record({ event: 'requested', order, url: callback.url });
      return order;
    },
  });

  desk.takes({
    method: 'post',
    path: '/payment-orders/cancel',
    summary: 'Cancel an order that was not paid; one that was paid stays so',
    question: PaymentCancellation,
    answer: PaymentOrder,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ reference }) {
      if (open(reference).order.state === 'requested') record({ event: 'cancelled', reference });
      return open(reference).order;
    },
  });

  desk.takes({
    method: 'post',
    path: '/payment-orders/{reference}/pay',
    summary: "Pay an order, as the citizen's bank would; paying again changes nothing",
    answer: PaymentOrder,
    status: 200,
    keyed: false,
    purposeBound: false,
    respond(_nothing, { reference }) {
      const account = open(reference);
      if (account.order.state === 'cancelled') throw new Problem(409, 'the order was cancelled');
      if (account.order.state === 'requested') {
        const paidAt = clock.now().toISOString();
        const paid = [...accounts.values()].filter(({ order }) => order.state === 'paid').length;
        const receipt = `BL-${paidAt.slice(0, 4)}-${String(paid + 1).padStart(7, '0')}`;
        record({ event: 'paid', reference: account.order.reference, paidAt, receipt });
        tell(account);
      }
      return account.order;
    },
  });

  desk.takes({
    method: 'get',
    path: '/payment-orders/{reference}',
    summary: 'See how far an order is',
    answer: PaymentOrder,
    status: 200,
    keyed: false,
    purposeBound: false,
    respond: (_nothing, { reference }) => open(reference).order,
  });

  journal.past.forEach(happens);
  for (const account of accounts.values()) if (account.order.state === 'paid' && !account.told) tell(account);
  return desk.app;
}
