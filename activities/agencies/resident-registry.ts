import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { Callback, taskCallback } from './callback.ts';

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

/** Where somebody lives, as the registry has it. */
export const HomeAnswer = z
  .object({
    match: z.boolean(),
    mismatches: IdentityAnswer.shape.mismatches,
    home: z
      .object({
        kind: z.enum(['permanent', 'temporary']),
        since: z.iso.date(),
        address: Address,
        /** The neighbourhood (khu phố, ấp) of the ward. */
        neighbourhood: z.string(),
        /** Degrees of latitude and longitude (WGS 84); null where the address was never put on a map. */
        point: z.object({ lat: z.number(), lng: z.number() }).nullable(),
      })
      .optional()
      .meta({ description: 'Only when everything asked is right' }),
  })
  .meta({ id: 'HomeAnswer' });
export type HomeAnswer = z.infer<typeof HomeAnswer>;

/** What the resident registry is sent for a new-born child; it answers later, at the callback. */
export const PersonalNumberRequest = z
  .object({
    /** The task that waits for the number; a second request with the same reference changes nothing. */
    reference: z.string().min(1).max(100),
    child: z.object({
      fullName: z.string().min(1).max(100),
      dateOfBirth: z.iso.date(),
      gender: z.enum(['male', 'female']),
      /** Personal numbers of the parents, as far as they have any. */
      parents: z.array(PersonalNumber).max(2),
    }),
    callback: Callback,
  })
  .meta({ id: 'PersonalNumberRequest' });

/** The registry's word that it has the request. */
export const PersonalNumberReceipt = z
  .object({ reference: z.string(), state: z.literal('received') })
  .meta({ id: 'PersonalNumberReceipt' });

/** What the registry later puts into the task, as `{"answer": …}`. */
export const Allocation = z
  .discriminatedUnion('result', [
    z.object({ result: z.literal('allocated'), childPersonalNumber: PersonalNumber }),
    z.object({ result: z.enum(['duplicate', 'impossible']), reason: z.string() }),
  ])
  .meta({ id: 'Allocation' });
export type Allocation = z.infer<typeof Allocation>;

/** What the population database is told of a health record: that there is one, and where; nothing of what it says. */
export const HealthRecordEntry = z
  .object({
    personalNumber: PersonalNumber,
    /** Id of the record where it is kept. */
    record: z.uuid(),
    /** Code of the authority that keeps it. */
    keptBy: z.string().min(1).max(20),
  })
  .meta({ id: 'HealthRecordEntry' });

/** The database's word that it has entered it. */
export const HealthRecordReceipt = z
  .object({ record: z.string(), state: z.literal('entered') })
  .meta({ id: 'HealthRecordReceipt' });

/** A request for a child's personal number, and the task that waits for it. */
export interface AllocationQuestion {
  taskId: string;
  child: z.infer<typeof PersonalNumberRequest>['child'];
  caseCode: string;
}

export interface ResidentRegistry {
  /** Compares a person's statement with the registry; `key` is the business key of the question. */
  verifyIdentity(question: IdentityQuestion, key: string): Promise<IdentityAnswer>;
  /** Asks where somebody lives, since when and on what ground. */
  lookUpHome(question: IdentityQuestion, key: string): Promise<HomeAnswer>;
  /** Asks for a child's number; the registry completes the task when it has one, or says why not. */
  requestPersonalNumber(question: AllocationQuestion, key: string): Promise<void>;
  /** Enters where somebody's health record is kept, for their electronic identity to show. */
  enterHealthRecord(
    entry: z.infer<typeof HealthRecordEntry> & { caseCode: string },
    key: string,
  ): Promise<void>;
}

/** Connects to the resident registry, which calls back at `publicUrl`; its errors are those of {@link callAgency}. */
export function createResidentRegistry(address: AgencyAddress & { publicUrl: string }): ResidentRegistry {
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
    async enterHealthRecord({ caseCode, ...body }, key) {
      await callAgency(address, {
        agency: 'resident registry',
        path: '/health-records',
        body,
        answer: HealthRecordReceipt,
        key,
        caseCode,
      });
    },
    lookUpHome: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'resident registry',
        path: '/homes/look-up',
        body,
        answer: HomeAnswer,
        key,
        caseCode,
      }),
    async requestPersonalNumber({ taskId, child, caseCode }, key) {
      await callAgency(address, {
        agency: 'resident registry',
        path: '/personal-numbers',
        body: { reference: taskId, child, callback: taskCallback(address.publicUrl, taskId) },
        answer: PersonalNumberReceipt,
        key,
        caseCode,
      });
    },
  };
}
