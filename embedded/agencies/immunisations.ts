import type { Express } from 'express';
import { DosesAnswer, DosesQuery } from '../../activities/agencies/immunisations.ts';
import { HealthHistories, readSample } from '../samples.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';

/** A sample immunisation registry that knows the doses of `samples/health-histories.json`. */
export function createImmunisations(): Express {
  const { people } = readSample('health-histories.json', HealthHistories);
  const desk = createDesk({ name: 'immunisations', title: 'Immunisation registry', control: Control });
  desk.takes({
    method: 'post',
    path: '/doses/lookup',
    summary: 'List the doses of a person',
    question: DosesQuery,
    answer: DosesAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ personalNumber }): DosesAnswer {
      return { doses: people.find((person) => person.personalNumber === personalNumber)?.doses ?? [] };
    },
  });
  return desk.app;
}
