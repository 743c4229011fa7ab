import type { Express } from 'express';
import { ClaimsAnswer, ClaimsQuery } from '../../activities/agencies/insurance-claims.ts';
import { HealthHistories, readSample } from '../samples.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';

/** The sample claims of health insurance: the visits of `samples/health-histories.json`. */
export function createInsuranceClaims(): Express {
  const { people } = readSample('health-histories.json', HealthHistories);
  const desk = createDesk({ name: 'insurance-claims', title: 'Health-insurance claims', control: Control });
  desk.takes({
    method: 'post',
    path: '/claims/lookup',
    summary: 'List what was claimed for a person',
    question: ClaimsQuery,
    answer: ClaimsAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ personalNumber }): ClaimsAnswer {
      return { claims: people.find((person) => person.personalNumber === personalNumber)?.claims ?? [] };
    },
  });
  return desk.app;
}
