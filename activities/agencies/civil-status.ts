import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { PersonalNumber } from './resident-registry.ts';

/** What the civil-status records are asked: are these two people married to each other? */
export const MarriageQuery = z
  .object({ first: PersonalNumber, second: PersonalNumber })
  .meta({ id: 'MarriageQuery' });

/** The marriage as it is registered; older ones may be on paper only. */
export const MarriageAnswer = z
  .discriminatedUnion('found', [
    z.object({ found: z.literal(false) }),
    z.object({ found: z.literal(true), certificate: z.string(), date: z.iso.date(), place: z.string() }),
  ])
  .meta({ id: 'MarriageAnswer' });
export type MarriageAnswer = z.infer<typeof MarriageAnswer>;

/** A question about a marriage together with the case that it is asked for. */
export type MarriageQuestion = z.infer<typeof MarriageQuery> & { caseCode: string };

export interface CivilStatus {
  /** Looks a marriage up; `key` is the business key of the question. */
  lookUpMarriage(question: MarriageQuestion, key: string): Promise<MarriageAnswer>;
}

/** Connects to the civil-status records; its errors are those of {@link callAgency}. */
export function createCivilStatus(address: AgencyAddress): CivilStatus {
  return {
    lookUpMarriage: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'civil-status records',
        path: '/marriages/lookup',
        body,
        answer: MarriageAnswer,
        key,
        caseCode,
      }),
  };
}
