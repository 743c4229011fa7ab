import type { Express } from 'express';
import {
  ConsentReceipt,
  ConsentRequest,
  type HouseholdConsent,
} from '../../activities/agencies/residence.ts';
import { answersLater, type CallingBack } from './answer-later.ts';
import { ConsentControl } from './control.ts';
import { createDesk } from './desk.ts';

const name = 'residence';

/** A sample residence system of the police, whose heads of households answer in VNeID as the sandbox says. */
export function createResidence(options: CallingBack): Express {
  const desk = createDesk({
    name,
    title: 'Residence system',
    control: ConsentControl,
    folder: options.folder,
  });
  answersLater(desk, options, {
    name,
    path: '/household-consents',
    summary:
      'Ask the head of a household for consent; it is delivered to the callback as {"answer": {"consents", "reason"}}',
    question: ConsentRequest,
    receipt: ConsentReceipt,
    answer: () => answers[desk.control().answers],
  });
  return desk.app;
}

const answers: Record<ConsentControl['answers'], HouseholdConsent | null> = {
  consents: { consents: true, reason: '' },
  objects: { consents: false, reason: 'Chủ hộ không đồng ý cho đăng ký thường trú.' },
  silent: null,
};
