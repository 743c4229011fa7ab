import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { openPayment } from '../records/payments.ts';
import { Refusal } from '../records/refusal.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { CaseCode, Instant, json, refused } from './schemas.ts';

const Payment = z
  .object({
    amount: z.int().meta({ description: 'In đồng' }),
    until: Instant.nullable(),
    reference: z.string().optional().meta({ description: 'The note of the transfer' }),
    vietQr: z.string().optional().meta({ description: 'EMVCo text that banking apps read as VietQR' }),
  })
  .meta({ id: 'OpenPayment' });
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/payment': {
    get: {
      summary: 'The fee that a case waits for, and how it is paid',
      requestParams: { path: Path },
      responses: { 200: json('The fee', Payment), default: refused },
    },
  },
};

/** Fees that cases wait for. */
export function payments({ db, clock }: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();
  router.get('/api/v1/cases/:code/payment', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const payment = await openPayment(db, actorIn(req), code, clock.now());
    if (!payment) throw new Refusal('not-found', 'Hồ sơ không chờ nộp phí · The case waits for no fee');
    res.json(Payment.parse(payment));
  });
  return router;
}
