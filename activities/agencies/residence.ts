import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { Callback, taskCallback } from './callback.ts';
import { Address, PersonalNumber } from './resident-registry.ts';

/** What the residence system is sent; the head of the household answers later in VNeID, and it calls back. */
export const ConsentRequest = z
  .object({
    /** The task that waits for the consent; a second request with the same reference changes nothing. */
    reference: z.string().min(1).max(100),
    household: z.object({ headName: z.string().min(1).max(100), headPersonalNumber: PersonalNumber }),
    child: z.object({ fullName: z.string().min(1).max(100), personalNumber: PersonalNumber }),
    address: Address,
    callback: Callback,
  })
  .meta({ id: 'ConsentRequest' });

/** The system's word that it has the request. */
export const ConsentReceipt = z
  .object({ reference: z.string(), state: z.literal('received') })
  .meta({ id: 'ConsentReceipt' });

/** What the system later puts into the task, as `{"answer": …}`. */
export const HouseholdConsent = z
  .object({ consents: z.boolean(), reason: z.string() })
  .meta({ id: 'HouseholdConsent' });
export type HouseholdConsent = z.infer<typeof HouseholdConsent>;

/** A request for the consent of a household, and the task that waits for it. */
export type ConsentQuestion = Pick<z.infer<typeof ConsentRequest>, 'household' | 'child' | 'address'> & {
  taskId: string;
  caseCode: string;
};

export interface Residence {
  /** Asks the head of a household; the system completes the task with the answer. */
  askHousehold(question: ConsentQuestion, key: string): Promise<void>;
}

/** Connects to the residence system, which calls back at `publicUrl`; its errors are those of {@link callAgency}. */
export function createResidence(address: AgencyAddress & { publicUrl: string }): Residence {
  return {
    async askHousehold({ taskId, caseCode, ...question }, key) {
      await callAgency(address, {
        agency: 'residence system',
        path: '/household-consents',
        body: { ...question, reference: taskId, callback: taskCallback(address.publicUrl, taskId) },
        answer: ConsentReceipt,
        key,
        caseCode,
      });
    },
  };
}
