import { join } from 'node:path';
import type { z } from 'zod';
import { createCallbacks, type CallbackOptions } from './callbacks.ts';
import type { Control } from './control.ts';
import type { Desk } from './desk.ts';
import { openJournal } from './journal.ts';

/** An agency that calls back, and the folder where what it owes survives a restart; without one it is forgotten. */
export interface CallingBack extends CallbackOptions {
  folder?: string | undefined;
}

/** What happened: a question came, with the answer that will be given (silence is `null`), or the answer was delivered. */
type Event<Answer> =
  | { event: 'asked'; reference: string; url: string; answer: Answer | null }
  | { event: 'answered'; reference: string };

/** A question that is answered later: named by its reference, with the address where the answer goes. */
interface Asked {
  reference: string;
  callback: { url: string };
}

interface LaterAct<Question extends Asked, Answer> {
  /** Name of the agency's files and keys. */
  name: string;
  path: string;
  summary: string;
  question: z.ZodType<Question>;
  receipt: z.ZodType<{ reference: string; state: 'received' }>;
  /** Makes up the answer when the question first comes; `past` are the answers that were made up before. */
  answer: (question: Question, past: readonly Answer[]) => Answer | null;
}

/** Lets an agency take questions at once and put its answers into the tasks that wait for them, also after a restart. */
export function answersLater<C extends Control, Question extends Asked, Answer>(
  desk: Desk<C>,
  options: CallingBack,
  { name, path, summary, question, receipt, answer }: LaterAct<Question, Answer>,
): void {
  const { folder } = options;
  const journal = openJournal<Event<Answer>>(
    folder === undefined ? undefined : join(folder, `${name}.jsonl`),
  );
  const callbacks = createCallbacks(options);
  const known = new Set(journal.past.map(({ reference }) => reference));
  const made = journal.past.flatMap((past) => (past.event === 'asked' && past.answer ? [past.answer] : []));

  function give(reference: string, url: string, given: Answer) {
    const callback = { url, key: `${name}/${reference}`, answer: given };
    callbacks.send(callback, desk.control(), () => journal.write({ event: 'answered', reference }));
  }

  desk.takes({
    method: 'post',
    path,
    summary,
    question,
    answer: receipt,
    status: 202,
    keyed: true,
    purposeBound: true,
    respond(asked) {
      const { reference, callback } = asked;
      callbacks.admit(callback.url);
      if (!known.has(reference)) {
        const given = answer(asked, made);
        journal.write({ event: 'asked', reference, url: callback.url, answer: given });
        known.add(reference);
        if (given) {
          made.push(given);
          give(reference, callback.url, given);
        }
      }
      return { reference, state: 'received' as const };
    },
  });

  const answered = new Set(
    journal.past.filter(({ event }) => event === 'answered').map((past) => past.reference),
  );
  for (const past of journal.past) {
    if (past.event === 'asked' && past.answer && !answered.has(past.reference))
      give(past.reference, past.url, past.answer);
  }
}
