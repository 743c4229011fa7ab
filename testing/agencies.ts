import type { PaymentOrder } from '../activities/agencies/treasury.ts';
import type { Clock } from '../clock.ts';
import { createBirthCertificates } from '../embedded/agencies/birth-certificates.ts';
import { createCivilStatus } from '../embedded/agencies/civil-status.ts';
import { createEducation } from '../embedded/agencies/education.ts';
import { serve } from '../embedded/agencies/desk.ts';
import { createFireService } from '../embedded/agencies/fire-service.ts';
import { createImmunisations } from '../embedded/agencies/immunisations.ts';
import { createInsuranceClaims } from '../embedded/agencies/insurance-claims.ts';
import { createLandRegistry } from '../embedded/agencies/land-registry.ts';
import { createPlanning } from '../embedded/agencies/planning.ts';
import { createResidence } from '../embedded/agencies/residence.ts';
import { createResidentRegistry } from '../embedded/agencies/resident-registry.ts';
import { createSocialInsurance } from '../embedded/agencies/social-insurance.ts';
import { createTreasury } from '../embedded/agencies/treasury.ts';
import type { Logger } from '../log.ts';

/** The sample agencies as real servers on free ports, and how to tell them to misbehave. */
export interface SampleAgencies {
  /** The variables that name their addresses. */
  environment: Record<string, string>;
  /** Tells an agency how to behave; see embedded/agencies/control.ts. */
  tell(agency: AgencyName, behaviour: Record<string, unknown>): Promise<void>;
  /** The citizen's bank pays an order of the treasury. */
  pay(reference: string): Promise<void>;
  /** How far an order of the treasury is; undefined where there is none yet. */
  order(reference: string): Promise<'requested' | 'paid' | 'cancelled' | undefined>;
  close(): void;
}

export type AgencyName =
  | 'RESIDENT_REGISTRY'
  | 'LAND_REGISTRY'
  | 'PLANNING'
  | 'FIRE_SERVICE'
  | 'TREASURY'
  | 'BIRTH_CERTIFICATES'
  | 'CIVIL_STATUS'
  | 'RESIDENCE'
  | 'SOCIAL_INSURANCE'
  | 'IMMUNISATIONS'
  | 'INSURANCE_CLAIMS'
  | 'EDUCATION';

/** Starts the sample agencies; their tokens are those of testing/identity.ts. */
export async function openSampleAgencies({
  publicUrl,
  clock,
  log,
}: {
  publicUrl: string;
  clock: Clock;
  log: Logger;
}): Promise<SampleAgencies> {
  const ending = new AbortController();
  const token = (sub: string) => ({
    token: () => Promise.resolve(sub),
    publicUrl,
    log,
    signal: ending.signal,
  });
  const apps = {
    RESIDENT_REGISTRY: createResidentRegistry(token('resident-registry')),
    LAND_REGISTRY: createLandRegistry(),
    PLANNING: createPlanning(),
    FIRE_SERVICE: createFireService(token('fire-service')),
    TREASURY: createTreasury({ ...token('treasury'), clock }),
    BIRTH_CERTIFICATES: createBirthCertificates(),
    CIVIL_STATUS: createCivilStatus(),
    RESIDENCE: createResidence(token('residence')),
    SOCIAL_INSURANCE: createSocialInsurance(token('social-insurance')),
    IMMUNISATIONS: createImmunisations(),
    INSURANCE_CLAIMS: createInsuranceClaims(),
    EDUCATION: createEducation({}),
  };
  const served = await Promise.all(
    Object.entries(apps).map(async ([name, app]) => ({ name, ...(await serve(app, 0)) })),
  );
  const environment = Object.fromEntries(served.map(({ name, url }) => [`${name}_URL`, url]));
  const call = async (agency: AgencyName, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${environment[`${agency}_URL`]}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${agency} ${path} answers ${response.status}: ${await response.text()}`);
  };
  return {
    environment,
    tell: (agency, behaviour) => call(agency, 'PUT', '/control', behaviour),
    async order(reference) {
      const response = await fetch(`${environment['TREASURY_URL']}/payment-orders/${reference}`);
      return response.ok ? ((await response.json()) as PaymentOrder).state : undefined;
    },
    pay: (reference) => call('TREASURY', 'POST', `/payment-orders/${reference}/pay`),
    close() {
      ending.abort();
      for (const { close } of served) void close();
    },
  };
}
