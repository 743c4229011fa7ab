import type { Express } from 'express';
import {
  CardReceipt,
  CardRequest,
  type Card,
  type CardQuestion,
} from '../../activities/agencies/social-insurance.ts';
import { answersLater, type CallingBack } from './answer-later.ts';
import { CardControl } from './control.ts';
import { createDesk } from './desk.ts';

const name = 'social-insurance';

/** A sample social insurance that makes health-insurance cards for children under 6. */
export function createSocialInsurance(options: CallingBack): Express {
  const desk = createDesk({ name, title: 'Social insurance', control: CardControl, folder: options.folder });
  answersLater(desk, options, {
    name,
    path: '/child-cards',
    summary:
      'Ask for the card of a child; it is delivered to the callback as {"answer": {"result", "cardNumber", "validFrom"}}',
    question: CardRequest,
    receipt: CardReceipt,
    answer: ({ child }, past) => make(child, desk.control(), past.length),
  });
  return desk.app;
}

/** Cards of children are of group TE and benefit 1; they are valid from the day of birth. */
function make({ dateOfBirth }: CardQuestion['child'], { answers }: CardControl, before: number): Card | null {
  switch (answers) {
    case 'silent':
      return null;
    case 'not-made':
      return { result: 'not-made', reason: 'Trẻ đã có thẻ bảo hiểm y tế.' };
    case 'made':
      return {
        result: 'made',
        cardNumber: `TE177${String(9_900_000_001 + before)}`,
        validFrom: dateOfBirth,
      };
  }
}
