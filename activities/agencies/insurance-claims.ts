import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { Facility } from './immunisations.ts';
import { PersonalNumber } from './resident-registry.ts';

/** What the claims of health insurance are asked for: the visits of one person. */
export const ClaimsQuery = z
  .object({
    personalNumber: PersonalNumber,
    insuranceNumber: z.string().min(10).max(15).optional(),
  })
  .meta({ id: 'ClaimsQuery' });

const named = z.string().min(1).max(200);

/** What is known from claims: a visit each, with what was found and given. */
export const ClaimsAnswer = z
  .object({
    claims: z
      .array(
        z.object({
          id: z.string().min(1).max(50),
          facility: Facility,
          from: z.iso.date(),
          to: z.iso.date(),
          diagnoses: z
            .array(z.object({ icd10: z.string().regex(/^[A-Z]\d{2}(\.\d{1,2})?$/), name: named }))
            .max(50),
          medications: z
            .array(
              z.object({
                /** Code of the substance (ATC), where it has one. */
                atc: z
                  .string()
                  .regex(/^[A-Z]\d{2}[A-Z]{2}\d{2}$/)
                  .optional(),
                name: named,
                dosage: named.optional(),
              }),
            )
            .max(100),
          tests: z
            .array(
              z.object({
                /** Code of the test (LOINC), where it has one. */
                loinc: z
                  .string()
                  .regex(/^\d{1,7}-\d$/)
                  .optional(),
                name: named,
                value: z.number(),
                unit: z.string().min(1).max(30),
              }),
            )
            .max(200),
        }),
      )
      .max(200),
  })
  .meta({ id: 'ClaimsAnswer' });
export type ClaimsAnswer = z.infer<typeof ClaimsAnswer>;

/** A question about claims together with the case that it is asked for. */
export type ClaimsQuestion = z.infer<typeof ClaimsQuery> & { caseCode: string };

export interface InsuranceClaims {
  /** Lists what was claimed for a person; `key` is the business key of the question. */
  lookUpClaims(question: ClaimsQuestion, key: string): Promise<ClaimsAnswer>;
}

/** Connects to the claims of health insurance; its errors are those of {@link callAgency}. */
export function createInsuranceClaims(address: AgencyAddress): InsuranceClaims {
  return {
    lookUpClaims: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'health-insurance claims',
        path: '/claims/lookup',
        body,
        answer: ClaimsAnswer,
        key,
        caseCode,
      }),
  };
}
