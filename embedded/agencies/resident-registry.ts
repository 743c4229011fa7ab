import type { Express } from 'express';
import type { z } from 'zod';
import {
  HealthRecordEntry,
  HealthRecordReceipt,
  HomeAnswer,
  IdentityAnswer,
  IdentityQuery,
  PersonalNumberReceipt,
  PersonalNumberRequest,
  type Allocation,
  type AllocationQuestion,
} from '../../activities/agencies/resident-registry.ts';
import { readSample, Residents } from '../samples.ts';
import { answersLater, type CallingBack } from './answer-later.ts';
import { AllocationControl } from './control.ts';
import { createDesk } from './desk.ts';

const name = 'resident-registry';

/** A sample resident registry that knows the people of `samples/residents.json` and gives numbers to new-born children. */
export function createResidentRegistry(options: CallingBack): Express {
  const { residents } = readSample('residents.json', Residents);
  const { folder } = options;
  const desk = createDesk({ name, title: 'Resident registry', control: AllocationControl, folder });
  const known = () => [...desk.control().also, ...residents];
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
      const { resident, mismatches } = compare(stated, known());
      if (!resident) return { match: false, mismatches };
      return { match: true, mismatches, residence: resident.residence };
    },
  });
  desk.takes({
    method: 'post',
    path: '/health-records',
    summary: 'Enter where the health record of a person is kept',
    question: HealthRecordEntry,
    answer: HealthRecordReceipt,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond: ({ record }) => ({ record, state: 'entered' as const }),
  });
  desk.takes({
    method: 'post',
    path: '/homes/look-up',
    summary: 'Ask where somebody lives, since when and on what ground',
    question: IdentityQuery,
    answer: HomeAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond(stated): HomeAnswer {
      const { resident, mismatches } = compare(stated, known());
      if (!resident) return { match: false, mismatches };
      const { home, residence: address } = resident;
      return { match: true, mismatches, ...(home ? { home: { ...home, address } } : {}) };
    },
  });
  answersLater(desk, options, {
    name,
    path: '/personal-numbers',
    summary:
      'Ask for the number of a new-born child; it is delivered to the callback as {"answer": {"result", "childPersonalNumber"}}',
    question: PersonalNumberRequest,
    receipt: PersonalNumberReceipt,
    answer: ({ child }, past) => allocate(child, desk.control(), past.length),
  });
  return desk.app;
}

type Resident = z.infer<typeof Residents>['residents'][number];

/** Compares what somebody states with the registry: who they are where all of it is right, and what is not. */
function compare(
  stated: z.infer<typeof IdentityQuery>,
  residents: readonly Resident[],
): { resident?: Resident; mismatches: IdentityAnswer['mismatches'] } {
  const resident = residents.find(({ personalNumber }) => personalNumber === stated.personalNumber);
  if (!resident) return { mismatches: ['personalNumber'] };
  const mismatches: IdentityAnswer['mismatches'] = [];
  if (sameLetters(resident.fullName) !== sameLetters(stated.fullName)) mismatches.push('fullName');
  if (resident.dateOfBirth !== stated.dateOfBirth) mismatches.push('dateOfBirth');
  return mismatches.length > 0 ? { mismatches } : { resident, mismatches };
}

/** Answers as the sandbox says; numbers run on, with the 99 of sample people after the year of birth. */
function allocate(
  { gender, dateOfBirth }: AllocationQuestion['child'],
  { answers }: AllocationControl,
  before: number,
): Allocation | null {
  switch (answers) {
    case 'silent':
      return null;
    case 'duplicate':
      return { result: 'duplicate', reason: 'Đã có người trùng họ tên, ngày sinh và cha mẹ.' };
    case 'impossible':
      return { result: 'impossible', reason: 'Thông tin của mẹ chưa có trong cơ sở dữ liệu.' };
    case 'allocated': {
      const century = Number(dateOfBirth.slice(0, 2)) - 19;
      const digit = century * 2 + (gender === 'male' ? 0 : 1);
      const serial = `99${String(before + 1).padStart(4, '0')}`;
      return { result: 'allocated', childPersonalNumber: `077${digit}${dateOfBirth.slice(2, 4)}${serial}` };
    }
  }
}

/** Names are compared as the registry prints them: composed, upper-case, single spaces. */
function sameLetters(name: string): string {
  return name.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLocaleUpperCase('vi');
}
