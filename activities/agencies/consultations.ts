import { z } from 'zod';
import { callAgency } from './call.ts';
import { Callback, taskCallback } from './callback.ts';

/** What a consulted agency's system is sent; it answers later, at the callback. */
export const OpinionRequest = z
  .object({
    /** The task that waits for the opinion; a second request with the same reference changes nothing. */
    reference: z.string().min(1).max(100),
    caseCode: z.string().min(1).max(100),
    question: z.string().min(1).max(4000),
    callback: Callback,
  })
  .meta({ id: 'OpinionRequest' });

/** The agency's word that it has the question. */
export const OpinionReceipt = z
  .object({ reference: z.string(), state: z.literal('received') })
  .meta({ id: 'OpinionReceipt' });

/** What the agency's system later puts into the task: `{"answer": {"opinion": "agree", "reason": "…"}}`. */
export const Opinion = z
  .object({ opinion: z.enum(['agree', 'object']), reason: z.string() })
  .meta({ id: 'Opinion' });
export type Opinion = z.infer<typeof Opinion>;

export interface ConsultationQuestion {
  /** Kind of consultation, for example `fire`. */
  consultation: string;
  taskId: string;
  caseCode: string;
  question: string;
}

export interface Consultations {
  /**
   * Hands the question to the agency's system, if it has one; `key` is the business key of the consultation.
   *
   * @returns `no-system` when the agency's officers answer the task by themselves
   */
  ask(question: ConsultationQuestion, key: string): Promise<'asked' | 'no-system'>;
}

export interface ConsultationSystems {
  /** Base addresses of the agencies' systems by the kind of consultation that they answer. */
  systems: Readonly<Record<string, string | undefined>>;
  /** Motcua's own address, where opinions come back. */
  publicUrl: string;
  /** Milliseconds until a system counts as unavailable; 5000 unless told. */
  timeoutMs?: number;
}

/** Connects to the systems of consulted agencies; its errors are those of {@link callAgency}. */
export function createConsultations({ systems, publicUrl, timeoutMs }: ConsultationSystems): Consultations {
  return {
    async ask({ consultation, taskId, caseCode, question }, key) {
      const url = systems[consultation];
      if (url === undefined) return 'no-system';
      await callAgency(
        { url, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
        {
          agency: `agency for ${consultation}`,
          path: '/opinions',
          body: { reference: taskId, caseCode, question, callback: taskCallback(publicUrl, taskId) },
          answer: OpinionReceipt,
          key,
          caseCode,
        },
      );
      return 'asked';
    },
  };
}
