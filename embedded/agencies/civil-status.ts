import type { Express } from 'express';
import { MarriageAnswer, MarriageQuery } from '../../activities/agencies/civil-status.ts';
import { Marriages, readSample } from '../samples.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';

/** Sample civil-status records that know the couples of `samples/marriages.json`. */
export function createCivilStatus(): Express {
  const { marriages } = readSample('marriages.json', Marriages);
  const desk = createDesk({ name: 'civil-status', title: 'Civil-status records', control: Control });
  desk.takes({
    method: 'post',
    path: '/marriages/lookup',
    summary: 'Say whether two people are married to each other',
    question: MarriageQuery,
    answer: MarriageAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ first, second }): MarriageAnswer {
      const marriage = marriages.find(({ couple }) => couple.includes(first) && couple.includes(second));
      if (!marriage) return { found: false };
      const { couple: _couple, ...facts } = marriage;
      return { found: true, ...facts };
    },
  });
  return desk.app;
}
