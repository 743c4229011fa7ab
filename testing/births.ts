import { readFileSync } from 'node:fs';
import type { Person } from '../embedded/person.ts';
import type { World } from './world.ts';

/** An application as it is filed, with the answers that stories change. */
export type BirthApplication = Record<string, unknown> & { answers: Record<string, unknown> };

const folder = 'samples/birth-registration';

/** The sample application, registered late and with two copies. */
export const sampleBirth = () =>
  JSON.parse(readFileSync(`${folder}/application.json`, 'utf8')) as BirthApplication;

/** What people do in the stories of births. */
export interface BirthOffice {
  citizen: () => Person;
  officer: (name: string) => Person;
  /** The local date so many days ago. */
  daysAgo: (days: number) => string;
  /** The sample child, born ten days ago: nothing to pay, no copies. */
  inTime: (answers?: Record<string, unknown>) => BirthApplication;
  /** Files an application of a birth that the hospital has certified. */
  filed: (application?: BirthApplication) => Promise<string>;
  accepted: (application?: BirthApplication) => Promise<string>;
  /** The leader signs, the clerk registers. */
  signed: (code: string) => Promise<void>;
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

  const office: BirthOffice = {
    citizen,
    officer,
    daysAgo,
    inTime(answers = {}) {
      const application = sampleBirth();
      const born = { childDob: daysAgo(10), lateRegistration: false, copyCount: 0 };
      return { ...application, answers: { ...application.answers, ...born, ...answers } };
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
