import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { PersonalNumber } from './resident-registry.ts';

/** What the education registry is asked of a child that is to go to school. */
export const PupilQuery = z
  .object({ personalNumber: PersonalNumber, sibling: PersonalNumber.optional() })
  .meta({ id: 'PupilQuery' });

/** What it answers: whether the child has finished preschool, goes to a school already, and where a sister or brother learns. */
export const PupilAnswer = z
  .object({
    preschool: z.boolean(),
    /** Code of the school that the child goes to already. */
    enrolledAt: z.string().nullable(),
    /** Code of the school of the sister or brother that was asked about; null where they go to none. */
    siblingAt: z.string().nullable(),
  })
  .meta({ id: 'PupilAnswer' });
export type PupilAnswer = z.infer<typeof PupilAnswer>;

const Pupil = z.object({
  personalNumber: PersonalNumber,
  fullName: z.string().min(1).max(100),
  dateOfBirth: z.iso.date(),
  gender: z.enum(['male', 'female']),
});
export type Pupil = z.infer<typeof Pupil>;

/** The classes of a school at the beginning of a year; sent again under its reference it changes nothing. */
export const ClassLists = z
  .object({
    reference: z.string().min(1).max(100),
    school: z.string().min(1).max(20),
    year: z.string().regex(/^\d{4}-\d{4}$/),
    classes: z.array(z.object({ name: z.string().min(1).max(20), pupils: z.array(Pupil).max(35) })).max(30),
  })
  .meta({ id: 'ClassLists' });
export type ClassLists = z.infer<typeof ClassLists>;

/** The registry's word that it has the lists, and how many pupils it took from them. */
export const ClassListsReceipt = z
  .object({ reference: z.string(), state: z.literal('received'), pupils: z.int() })
  .meta({ id: 'ClassListsReceipt' });

export interface Education {
  /** Asks about a child; `key` is the business key of the question. */
  lookUpPupil(question: z.infer<typeof PupilQuery> & { caseCode: string }, key: string): Promise<PupilAnswer>;
  /** Hands over the classes of a school; gives how many pupils were taken. */
  handOver(lists: ClassLists & { caseCode: string }, key: string): Promise<{ pupils: number }>;
}

/** Connects to the education registry; its errors are those of {@link callAgency}. */
export function createEducation(address: AgencyAddress): Education {
  const agency = 'education registry';
  return {
    lookUpPupil: ({ caseCode, ...body }, key) =>
      callAgency(address, { agency, path: '/pupils/look-up', body, answer: PupilAnswer, key, caseCode }),
    handOver: ({ caseCode, ...body }, key) =>
      callAgency(address, { agency, path: '/class-lists', body, answer: ClassListsReceipt, key, caseCode }),
  };
}
