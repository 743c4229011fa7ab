import { readFileSync } from 'node:fs';
import type { Person } from '../embedded/person.ts';
import type { World } from './world.ts';

/** An application as it is filed, with the answers that stories change. */
export type BirthApplication = Record<string, unknown> & { answers: Record<string, unknown> };

const folder = 'samples/birth-registration';

const read = (from: string) =>
  JSON.parse(readFileSync(`samples/${from}/application.json`, 'utf8')) as BirthApplication;

/** The sample application, registered late and with two copies. */
export const sampleBirth = () => read('birth-registration');

/** An application for the registered child of the samples, with its number, at the agency of a procedure. */
export function sampleChild(
  procedure: string,
  agency: string,
  answers: Record<string, unknown> = {},
): BirthApplication {
  const application = read('linked-birth');
  const child = { childPersonalNumber: '077326990001', ...answers };
  return { ...application, procedure, agency, papers: [], answers: { ...application.answers, ...child } };
}

/** What people do in the stories of births. */
export interface BirthOffice {
  citizen: () => Person;
  officer: (name: string) => Person;
  /** The local date so many days ago. */
  daysAgo: (days: number) => string;
  /** The sample child, born ten days ago: nothing to pay, no copies. */
  inTime: (answers?: Record<string, unknown>) => BirthApplication;
  /** The same child, with residence and health card in one application. */
  linked: (answers?: Record<string, unknown>) => BirthApplication;
  /** Files an application of a birth that the hospital has certified. */
  filed: (application?: BirthApplication) => Promise<string>;
  accepted: (application?: BirthApplication) => Promise<string>;
  /** The leader signs, the clerk registers. */
  signed: (code: string) => Promise<void>;
  /** The case that another one has opened under this name, as soon as it is there. */
  branch: (code: string, name: string) => Promise<string>;
  /** Takes the birth of an interlinked application to its certificate; gives the code of its case. */
  registeredBirth: (code: string) => Promise<string>;
  /** Takes a case of the social insurance to its card. */
  insured: (code: string) => Promise<void>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in Person
  closed: (code: string) => Promise<any>;
  /** What a performer is shown of a task, once it shows a field that is added after its opening. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in Person
  shown: (person: Person, code: string, task: string, field: string) => Promise<any>;
}

/** Opens the office of Vũng Tàu Ward in a world. */
export function openBirthOffice(world: World): BirthOffice {
  const citizen = () => world.as('an');
  const officer = (name: string) => world.as(`vungtau.${name}`);
  const daysAgo = (days: number) =>
    new Date(world.clock.now().getTime() + 7 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);

  const born = () => ({ childDob: daysAgo(10), lateRegistration: false, copyCount: 0 });

  const office: BirthOffice = {
    citizen,
    officer,
    daysAgo,
    inTime(answers = {}) {
      const application = sampleBirth();
      return { ...application, answers: { ...application.answers, ...born(), ...answers } };
    },
    linked(answers = {}) {
      const application = read('linked-birth');
      return { ...application, answers: { ...application.answers, ...born(), ...answers } };
    },
    async filed(application = office.inTime()) {
      const { birthCertificate, childDob, childGender } = application.answers;
      const mother = { motherPersonalNumber: '077192990003', facility: 'Bệnh viện Vũng Tàu' };
      const birth = { certificate: birthCertificate, dateOfBirth: childDob, gender: childGender, ...mother };
      await world.agencies.tell('BIRTH_CERTIFICATES', { also: [birth] });
      return citizen().file(folder, application);
    },
    async accepted(application) {
      const code = await office.filed(application);
      await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
      return code;
    },
    async signed(code) {
      await officer('leader').complete(code, 'approval', { decision: 'approve' });
      await officer('clerk').complete(code, 'registration', { registered: true });
    },
    async branch(code, name) {
      const { db } = world.database;
      for (let tries = 0; tries < 200; tries++) {
        const row = await db('cases')
          .join('tasks', 'tasks.id', 'cases.parent_task')
          .where({ 'tasks.case_code': code, 'tasks.name': `case.${name}` })
          .first<{ code: string } | undefined>('cases.code');
        if (row) return row.code;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      throw new Error(`${code} never opens a case for ${name}`);
    },
    async registeredBirth(code) {
      const birth = await office.branch(code, 'birth');
      await officer('reception').complete(birth, 'acceptance', { decision: 'accept' });
      await officer('specialist').complete(birth, 'verification', { conclusion: 'eligible' });
      await citizen().complete(birth, 'confirmation', { decision: 'confirm' });
      await office.signed(birth);
      return birth;
    },
    async insured(code) {
      const insurance = world.as('insurance.officer');
      await insurance.complete(code, 'acceptance', { decision: 'accept' });
      await world.as('insurance.leader').complete(code, 'approval', { decision: 'approve' });
      await insurance.complete(code, 'registration', { registered: true });
    },
    closed: (code) => citizen().until(code, (view: { closedAt: string | null }) => view.closedAt !== null),
    async shown(person, code, task, field) {
      const { id } = await person.task(code, task);
      for (let tries = 0; tries < 200; tries++) {
        const { body } = await person.get(`/api/v1/tasks/${id}`);
        const { context } = body as { context: Record<string, unknown> };
        if (field in context) return context;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      throw new Error(`the task ${task} of ${code} never shows ${field}`);
    },
  };
  return office;
}

/** The citizen's bank pays as soon as the treasury has the order. */
export async function payFee(world: World, code: string): Promise<void> {
  await world.as('treasury').task(code, 'pay');
  const reference = code.replaceAll(/[^A-Z0-9]/g, '');
  for (let tries = 0; tries < 200; tries++) {
    const paid = await world.agencies.pay(reference).then(
      () => true,
      () => false,
    );
    if (paid) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`the treasury never had the order of ${code}`);
}
