import type { Express } from 'express';
import { OpinionReceipt, OpinionRequest, type Opinion } from '../../activities/agencies/consultations.ts';
import { answersLater, type CallingBack } from './answer-later.ts';
import { OpinionControl } from './control.ts';
import { createDesk } from './desk.ts';

const name = 'fire-service';

/** A sample fire service: takes a question and later completes the task of the case with its opinion, or stays silent. */
export function createFireService(options: CallingBack): Express {
  const desk = createDesk({ name, title: 'Fire service', control: OpinionControl, folder: options.folder });
  answersLater(desk, options, {
    name,
    path: '/opinions',
    summary: 'Ask for an opinion; it is delivered to the callback as {"answer": {"opinion", "reason"}}',
    question: OpinionRequest,
    receipt: OpinionReceipt,
    answer: () => formOpinion(desk.control()),
  });
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
