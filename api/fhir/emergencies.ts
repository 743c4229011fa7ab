import { Router, type Request } from 'express';
import type { Parameters } from 'fhir/r4.js';
import { z } from 'zod';
import { breakGlass } from '../../records/health-emergencies.ts';
import { may } from '../abilities.ts';
import { actorIn } from '../auth.ts';
import type { Deps } from '../deps.ts';
import { send } from './answers.ts';
import { FhirProblem } from './outcome.ts';
import { readBody } from './writes.ts';

/** Breaking the glass: a health worker opens a record in an emergency. */
export function emergencies({ db, clock }: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.post('/fhir/\\$break-glass', may('change', 'health-records'), readBody, async (req, res) => {
    const by = { actor: actorIn(req), at: clock.now() };
    const wanted = emergencyIn(req);
    const { record, until } = await db.transaction((trx) => breakGlass(trx, by, wanted));
    const answer: Parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: `Patient/${record}` } },
        { name: 'until', valueInstant: until.toISOString() },
      ],
    };
    send(res, answer);
  });

  return router;
}

/** Whether somebody says whose record they want to open in an emergency, and why. */
export const saysEnough = ({ personalNumber, reason }: { personalNumber: string; reason: string }): boolean =>
  /^\d{12}$/.test(personalNumber) && reason.length >= 10 && reason.length <= 1_000;

const Sent = z.object({
  resourceType: z.literal('Parameters'),
  parameter: z.array(z.object({ name: z.string(), valueString: z.string().optional() })).max(10),
});

/**
 * Whose record, and why.
 *
 * @throws FhirProblem 400
 */
function emergencyIn(req: Request): { personalNumber: string; reason: string } {
  const { data } = Sent.safeParse(req.body);
  const value = (name: string) =>
    data?.parameter.find((each) => each.name === name)?.valueString?.trim() ?? '';
  const wanted = { personalNumber: value('identifier'), reason: value('reason') };
  if (saysEnough(wanted)) return wanted;
  throw new FhirProblem(
    400,
    'required',
    'Cần identifier (12 số) và reason (ít nhất 10 ký tự) · Say identifier (12 digits) and reason (10 characters or more)',
  );
}
