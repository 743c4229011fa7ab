import { Router } from 'express';
import { everybody } from '../abilities.ts';
import type { Deps } from '../deps.ts';
import { privately, send } from './answers.ts';
import { capabilityStatement } from './capability.ts';
import { emergencies } from './emergencies.ts';
import { instances } from './instances.ts';
import { FhirProblem } from './outcome.ts';
import { expectJson } from './request.ts';
import { searches } from './searches.ts';
import { writes } from './writes.ts';

/** Health records as FHIR R4; everything here is answered as FHIR, also what is wrong (outcome.ts). */
export function fhir(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const router = Router();
  router.use('/fhir', privately);
  router.get('/fhir/metadata', everybody, (req, res) => {
    expectJson(req);
    send(res, capabilityStatement(deps.config.publicUrl));
  });
  router.use(emergencies(deps), searches(deps), instances(deps), writes(deps));
  router.use('/fhir', () => {
    throw new FhirProblem(404, 'not-found', 'Không có địa chỉ này · There is nothing at this address');
  });
  return router;
}
