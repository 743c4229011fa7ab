import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { PersonalNumber } from './resident-registry.ts';

/** What the health ministry is asked: the birth that a certificate tells of. */
export const BirthQuery = z
  .object({
    /** Number of the electronic birth certificate, where the requester knows it. */
    certificate: z.string().min(1).max(50).optional(),
    motherPersonalNumber: PersonalNumber.optional(),
    dateOfBirth: z.iso.date(),
  })
  .refine(({ certificate, motherPersonalNumber }) => certificate ?? motherPersonalNumber, {
    message: 'a certificate or a mother is needed to find a birth',
  })
  .meta({ id: 'BirthQuery' });

/** What the health ministry answers: the birth as the hospital signed it. */
export const BirthAnswer = z
  .discriminatedUnion('found', [
    z.object({ found: z.literal(false) }),
    z.object({
      found: z.literal(true),
      certificate: z.string(),
      motherPersonalNumber: PersonalNumber,
      dateOfBirth: z.iso.date(),
      gender: z.enum(['male', 'female']),
      facility: z.string(),
    }),
  ])
  .meta({ id: 'BirthAnswer' });
export type BirthAnswer = z.infer<typeof BirthAnswer>;

/** A question about a birth together with the case that it is asked for. */
export type BirthQuestion = z.infer<typeof BirthQuery> & { caseCode: string };

export interface BirthCertificates {
  /** Looks a birth up; `key` is the business key of the question. */
  lookUpBirth(question: BirthQuestion, key: string): Promise<BirthAnswer>;
}

/** Connects to the electronic birth certificates; its errors are those of {@link callAgency}. */
export function createBirthCertificates(address: AgencyAddress): BirthCertificates {
  return {
    lookUpBirth: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'birth certificates',
        path: '/births/lookup',
        body,
        answer: BirthAnswer,
        key,
        caseCode,
      }),
  };
}
