import type { Express } from 'express';
import { IdentityAnswer, IdentityQuery } from '../../activities/agencies/resident-registry.ts';
import { readSample, Residents } from '../samples.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';

/** A sample resident registry that knows the people of `samples/residents.json`. */
export function createResidentRegistry(): Express {
  const { residents } = readSample('residents.json', Residents);
  const desk = createDesk({ name: 'resident-registry', title: 'Resident registry', control: Control });
  desk.takes({
    method: 'post',
    path: '/identities/verify',
    summary: 'Compare what a person states with the registry',
    question: IdentityQuery,
    answer: IdentityAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond(stated): IdentityAnswer {
      const resident = residents.find(({ personalNumber }) => personalNumber === stated.personalNumber);
      if (!resident) return { match: false, mismatches: ['personalNumber'] };
      const mismatches: IdentityAnswer['mismatches'] = [];
      if (sameLetters(resident.fullName) !== sameLetters(stated.fullName)) mismatches.push('fullName');
      if (resident.dateOfBirth !== stated.dateOfBirth) mismatches.push('dateOfBirth');
      if (mismatches.length > 0) return { match: false, mismatches };
      return { match: true, mismatches, residence: resident.residence };
    },
  });
  return desk.app;
}

/** Names are compared as the registry prints them: composed, upper-case, single spaces. */
function sameLetters(name: string): string {
  return name.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLocaleUpperCase('vi');
}
