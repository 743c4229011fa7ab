import type { Express } from 'express';
import { join } from 'node:path';
import {
  ClassLists,
  ClassListsReceipt,
  PupilAnswer,
  PupilQuery,
} from '../../activities/agencies/education.ts';
import { Pupils, readSample } from '../samples.ts';
import { PupilControl } from './control.ts';
import { createDesk } from './desk.ts';
import { openJournal } from './journal.ts';

const name = 'education';

/** A sample education registry: the pupils of `samples/pupils.json`, and the class lists that schools hand over. */
export function createEducation({ folder }: { folder?: string }): Express {
  const { pupils } = readSample('pupils.json', Pupils);
  const desk = createDesk({ name, title: 'Education registry', control: PupilControl, folder });
  const handedOver = openJournal<ClassLists>(folder && join(folder, `${name}.classes.jsonl`));
  const lists = new Map(handedOver.past.map((each) => [each.reference, each]));
  const find = (number: string | undefined) =>
    [...desk.control().also, ...pupils].find(({ personalNumber }) => personalNumber === number);
  desk.takes({
    method: 'post',
    path: '/pupils/look-up',
    summary:
      'Ask whether a child has finished preschool, goes to a school already, and where a sibling learns',
    question: PupilQuery,
    answer: PupilAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ personalNumber, sibling }): PupilAnswer {
      const child = find(personalNumber);
      return {
        preschool: child?.preschool ?? false,
        enrolledAt: child?.school ?? null,
        siblingAt: find(sibling)?.school ?? null,
      };
    },
  });
  desk.takes({
    method: 'post',
    path: '/class-lists',
    summary: 'Hand over the classes of a school at the beginning of a year',
    question: ClassLists,
    answer: ClassListsReceipt,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond(given) {
      if (!lists.has(given.reference)) handedOver.write(given);
      lists.set(given.reference, given);
      const taken = given.classes.reduce((sum, each) => sum + each.pupils.length, 0);
      return { reference: given.reference, state: 'received', pupils: taken };
    },
  });
  desk.app.get('/class-lists', (_request, response) => void response.json({ items: [...lists.values()] }));
  return desk.app;
}
