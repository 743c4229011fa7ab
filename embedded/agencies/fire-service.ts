import { join } from 'node:path';
import type { Express } from 'express';
import { OpinionReceipt, OpinionRequest, type Opinion } from '../../activities/agencies/consultations.ts';
import { createCallbacks, type CallbackOptions } from './callbacks.ts';
import { OpinionControl } from './control.ts';
import { createDesk } from './desk.ts';
import { openJournal } from './journal.ts';

export interface FireServiceOptions extends CallbackOptions {
  /** Folder where questions survive a restart; without it they are forgotten. */
  folder?: string | undefined;
}

/** What happened: a question came, with the opinion that will be given (silence is `null`), or the opinion was delivered. */
type Event =
  | { event: 'asked'; reference: string; url: string; opinion: Opinion | null }
  | { event: 'answered'; reference: string };

/** A sample fire service: takes a question and later completes the task of the case with its opinion, or stays silent. */
export function createFireService(options: FireServiceOptions): Express {
  const { folder } = options;
  const journal = openJournal<Event>(folder === undefined ? undefined : join(folder, 'fire-service.jsonl'));
  const callbacks = createCallbacks(options);
  const desk = createDesk({ name: 'fire-service', title: 'Fire service', control: OpinionControl, folder });
  const known = new Set(journal.past.map(({ reference }) => reference));

  function give(reference: string, url: string, opinion: Opinion) {
    const callback = { url, key: `fire-service/${reference}`, answer: opinion };
    callbacks.send(callback, desk.control(), () => journal.write({ event: 'answered', reference }));
  }

  desk.takes({
    method: 'post',
    path: '/opinions',
    summary: 'Ask for an opinion; it is delivered to the callback as {"answer": {"opinion", "reason"}}',
    question: OpinionRequest,
    answer: OpinionReceipt,
    status: 202,
    keyed: true,
    purposeBound: true,
    respond({ reference, callback }) {
      callbacks.admit(callback.url);
      if (!known.has(reference)) {
        const opinion = formOpinion(desk.control());
        journal.write({ event: 'asked', reference, url: callback.url, opinion });
        known.add(reference);
        if (opinion) give(reference, callback.url, opinion);
      }
      return { reference, state: 'received' as const };
    },
  });

  const answered = new Set(
    journal.past.filter(({ event }) => event === 'answered').map((past) => past.reference),
  );
  for (const past of journal.past) {
    if (past.event === 'asked' && past.opinion && !answered.has(past.reference)) {
      give(past.reference, past.url, past.opinion);
    }
  }
  return desk.app;
}

function formOpinion({ answers, reason }: OpinionControl): Opinion | null {
  switch (answers) {
    case 'silent':
      return null;
    case 'agree':
      return { opinion: 'agree', reason: reason ?? 'Hồ sơ bảo đảm yêu cầu về phòng cháy và chữa cháy.' };
    case 'object':
      return { opinion: 'object', reason: reason ?? 'Khoảng cách thoát nạn vượt quá giới hạn cho phép.' };
  }
}
