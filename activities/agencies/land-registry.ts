import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { Address, PersonalNumber } from './resident-registry.ts';

/** What the land registry is asked: the parcel on a map sheet and the certificate that claims it. */
export const ParcelQuery = z
  .object({
    sheet: z.int().min(1).max(999),
    number: z.int().min(1).max(9999),
    certificate: z.string().regex(/^[A-Z]{2}\s?\d{6,8}$/, 'a certificate serial such as DB 123456'),
    ownerPersonalNumber: PersonalNumber.optional(),
  })
  .meta({ id: 'ParcelQuery' });

/** What the land registry answers about a parcel, in its own words: facts, never a judgement of the case. */
export const ParcelAnswer = z
  .discriminatedUnion('found', [
    z.object({ found: z.literal(false) }),
    z.object({
      found: z.literal(true),
      areaM2: z.number().positive(),
      /** Land-use code of the cadastre, for example `ODT` (urban residential) or `ONT` (rural residential). */
      landUse: z.string().regex(/^[A-Z]{3}$/),
      certificateMatches: z.boolean(),
      /** Absent when no owner was asked about. */
      ownerMatches: z.boolean().optional(),
      address: Address,
      encumbrances: z.array(
        z.object({ kind: z.enum(['mortgage', 'dispute', 'seizure', 'lease']), holder: z.string() }),
      ),
      /** Whether a road that is planned but not built takes a part of the parcel. */
      plannedRoad: z.boolean(),
    }),
  ])
  .meta({ id: 'ParcelAnswer' });
export type ParcelAnswer = z.infer<typeof ParcelAnswer>;

/** A parcel question together with the case that it is asked for. */
export type ParcelQuestion = z.infer<typeof ParcelQuery> & { caseCode: string };

export interface LandRegistry {
  /** Looks a parcel up; `key` is the business key of the question. */
  lookUpParcel(question: ParcelQuestion, key: string): Promise<ParcelAnswer>;
}

/** Connects to the land registry; its errors are those of {@link callAgency}. */
export function createLandRegistry(address: AgencyAddress): LandRegistry {
  return {
    lookUpParcel: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'land registry',
        path: '/parcels/lookup',
        body,
        answer: ParcelAnswer,
        key,
        caseCode,
      }),
  };
}
