import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';
import { Callback, taskCallback } from './callback.ts';
import { PersonalNumber } from './resident-registry.ts';

/** What the social insurance is sent for a child under 6; it answers later, at the callback. */
export const CardRequest = z
  .object({
    /** The task that waits for the card; a second request with the same reference changes nothing. */
    reference: z.string().min(1).max(100),
    child: z.object({
      fullName: z.string().min(1).max(100),
      dateOfBirth: z.iso.date(),
      gender: z.enum(['male', 'female']),
      personalNumber: PersonalNumber,
    }),
    /** Where the child is treated first. */
    facility: z.string().regex(/^\d{5}$/),
    callback: Callback,
  })
  .meta({ id: 'CardRequest' });

/** The insurance's word that it has the request. */
export const CardReceipt = z
  .object({ reference: z.string(), state: z.literal('received') })
  .meta({ id: 'CardReceipt' });

/** What the insurance later puts into the task, as `{"answer": …}`. */
export const Card = z
  .discriminatedUnion('result', [
    z.object({ result: z.literal('made'), cardNumber: z.string(), validFrom: z.iso.date() }),
    z.object({ result: z.literal('not-made'), reason: z.string() }),
  ])
  .meta({ id: 'Card' });
export type Card = z.infer<typeof Card>;

/** A request for a card, and the task that waits for it. */
export type CardQuestion = Pick<z.infer<typeof CardRequest>, 'child' | 'facility'> & {
  taskId: string;
  caseCode: string;
};

export interface SocialInsurance {
  /** Asks for a child's card; the insurance completes the task when it has one, or says why not. */
  requestCard(question: CardQuestion, key: string): Promise<void>;
}

/** Connects to the social insurance, which calls back at `publicUrl`; its errors are those of {@link callAgency}. */
export function createSocialInsurance(address: AgencyAddress & { publicUrl: string }): SocialInsurance {
  return {
    async requestCard({ taskId, caseCode, ...question }, key) {
      await callAgency(address, {
        agency: 'social insurance',
        path: '/child-cards',
        body: { ...question, reference: taskId, callback: taskCallback(address.publicUrl, taskId) },
        answer: CardReceipt,
        key,
        caseCode,
      });
    },
  };
}
