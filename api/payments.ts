import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { openPayment, takePayment } from '../records/payments.ts';
import { Refusal } from '../records/refusal.ts';
import { may, signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, refused, titled } from './schemas.ts';

const Payment = z
  .object({
    amount: z.int().meta({ description: 'In đồng' }),
    until: Instant.nullable(),
    reference: z.string().optional().meta({ description: 'The note of the transfer' }),
    vietQr: z.string().optional().meta({ description: 'EMVCo text that banking apps read as VietQR' }),
  })
  .meta({ id: 'OpenPayment' });
/** What the reception enters that has taken a fee in cash or by card. */
export const CounterPayment = z
  .strictObject({
    amount: z.int().min(1).meta(titled('Số tiền đã thu (đồng)', 'Amount taken (đồng)')),
    receipt: z.string().trim().min(1).max(100).meta(titled('Số biên lai', 'Receipt number')),
  })
  .meta({ id: 'CounterPayment' });
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/payment': {
    get: {
      summary: 'The fee that a case waits for, and how it is paid',
      requestParams: { path: Path },
      responses: { 200: json('The fee', Payment), default: refused },
    },
  },
  '/api/v1/cases/{code}/counter-payment': {
    post: {
      summary:
        'Enter that the fee was paid at the counter, with the number of the receipt that was given for it',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: CounterPayment } } },
      responses: { 204: { description: 'Entered' }, default: refused },
    },
  },
};

/** Fees that cases wait for. */
export function payments(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/api/v1/cases/:code/payment', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const payment = await openPayment(db, actorIn(req), code, clock.now());
    if (!payment) throw new Refusal('not-found', 'Hồ sơ không chờ nộp phí · The case waits for no fee');
    res.json(Payment.parse(payment));
  });

  router.post('/api/v1/cases/:code/counter-payment', may('change', 'counter'), async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      await takePayment(by.trx, by, { code, ...checkForm(req, CounterPayment, req.body) });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}
