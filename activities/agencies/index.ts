import { required, type Config } from '../../config.ts';
import { createBirthCertificates } from './birth-certificates.ts';
import { createCivilStatus } from './civil-status.ts';
import { createConsultations } from './consultations.ts';
import { createImmunisations } from './immunisations.ts';
import { createInsuranceClaims } from './insurance-claims.ts';
import { createEducation } from './education.ts';
import { createLandRegistry } from './land-registry.ts';
import { createPlanning } from './planning.ts';
import type { Agencies } from './questions.ts';
import { createResidence } from './residence.ts';
import { createResidentRegistry } from './resident-registry.ts';
import { createSocialInsurance } from './social-insurance.ts';
import { createTreasury } from './treasury.ts';

/** Connects to the systems of other agencies at the addresses of the configuration. */
export function openAgencies(config: Config): Agencies {
  const { publicUrl } = config;
  return {
    residents: createResidentRegistry({ url: required(config, 'RESIDENT_REGISTRY_URL'), publicUrl }),
    land: createLandRegistry({ url: required(config, 'LAND_REGISTRY_URL') }),
    planning: createPlanning({ url: required(config, 'PLANNING_URL') }),
    treasury: createTreasury({ url: required(config, 'TREASURY_URL'), publicUrl }),
    births: createBirthCertificates({ url: required(config, 'BIRTH_CERTIFICATES_URL') }),
    civilStatus: createCivilStatus({ url: required(config, 'CIVIL_STATUS_URL') }),
    residence: createResidence({ url: required(config, 'RESIDENCE_URL'), publicUrl }),
    socialInsurance: createSocialInsurance({ url: required(config, 'SOCIAL_INSURANCE_URL'), publicUrl }),
    immunisations: createImmunisations({ url: required(config, 'IMMUNISATIONS_URL') }),
    insuranceClaims: createInsuranceClaims({ url: required(config, 'INSURANCE_CLAIMS_URL') }),
    education: createEducation({ url: required(config, 'EDUCATION_URL') }),
    consultations: createConsultations({ publicUrl, systems: { fire: config.FIRE_SERVICE_URL } }),
  };
}
