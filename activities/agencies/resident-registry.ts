import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';

/** The 12-digit personal identification number; there is no check digit to test. */
export const PersonalNumber = z.string().regex(/^\d{12}$/, 'a personal number of 12 digits');

/** A place in words: house and street, ward, province. */
export const Address = z.object({ street: z.string(), ward: z.string(), province: z.string() });

/** What the resident registry is asked: is this person who they say they are? */
export const IdentityQuery = z
  .object({ personalNumber: PersonalNumber, fullName: z.string().min(1).max(100), dateOfBirth: z.iso.date() })
  .meta({ id: 'IdentityQuery' });

/** What the resident registry answers; it gives a residence only when everything asked is right. */
export const IdentityAnswer = z
  .object({
    match: z.boolean(),
    /** Names of the fields that differ; `personalNumber` alone when nobody has that number. */
    mismatches: z.array(z.enum(['personalNumber', 'fullName', 'dateOfBirth'])),
    residence: Address.optional(),
  })
  .meta({ id: 'IdentityAnswer' });
export type IdentityAnswer = z.infer<typeof IdentityAnswer>;

/** An identity question together with the case that it is asked for. */
export type IdentityQuestion = z.infer<typeof IdentityQuery> & { caseCode: string };

export interface ResidentRegistry {
  /** Compares a person's statement with the registry; `key` is the business key of the question. */
  verifyIdentity(question: IdentityQuestion, key: string): Promise<IdentityAnswer>;
}

/** Connects to the resident registry; its errors are those of {@link callAgency}. */
export function createResidentRegistry(address: AgencyAddress): ResidentRegistry {
  return {
    verifyIdentity: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'resident registry',
        path: '/identities/verify',
        body,
        answer: IdentityAnswer,
        key,
        caseCode,
      }),
  };
}
