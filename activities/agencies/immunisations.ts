import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { PersonalNumber } from './resident-registry.ts';

/** A health facility as registries name it. */
export const Facility = z.object({ code: z.string().min(1).max(20), name: z.string().min(1).max(200) });

/** What the immunisation registry is asked: the doses of one person. */
export const DosesQuery = z.object({ personalNumber: PersonalNumber }).meta({ id: 'DosesQuery' });

/** What the immunisation registry answers; nobody with that number has no doses. */
export const DosesAnswer = z
  .object({
    doses: z
      .array(
        z.object({
          id: z.string().min(1).max(50),
          vaccine: z.object({
            /** Code of the vaccine (CVX), where it has one. */
            cvx: z
              .string()
              .regex(/^\d{1,3}$/)
              .optional(),
            name: z.string().min(1).max(200),
          }),
          date: z.iso.date(),
          /** Which dose of its series it was. */
          number: z.int().min(1).max(20).optional(),
          lot: z.string().min(1).max(50).optional(),
          facility: Facility,
        }),
      )
      .max(500),
  })
  .meta({ id: 'DosesAnswer' });
export type DosesAnswer = z.infer<typeof DosesAnswer>;

/** A question about doses together with the case that it is asked for. */
export type DosesQuestion = z.infer<typeof DosesQuery> & { caseCode: string };

export interface Immunisations {
  /** Lists the doses of a person; `key` is the business key of the question. */
  lookUpDoses(question: DosesQuestion, key: string): Promise<DosesAnswer>;
}

/** Connects to the immunisation registry; its errors are those of {@link callAgency}. */
export function createImmunisations(address: AgencyAddress): Immunisations {
  return {
    lookUpDoses: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'immunisation registry',
        path: '/doses/lookup',
        body,
        answer: DosesAnswer,
        key,
        caseCode,
      }),
  };
}
