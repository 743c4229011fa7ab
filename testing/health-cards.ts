import { expect } from 'vitest';
import { openBirthOffice, sampleChild, type BirthOffice } from './births.ts';
import type { Person } from '../embedded/person.ts';
import type { World } from './world.ts';

/** A document as its case lists it. */
export interface Listed {
  id: string;
  document: string;
  registerNumber: string;
  supersededBy: string | null;
  revokedBy: string | null;
  validUntil: string | null;
}

/** What people do in the stories of what becomes of a result. */
export interface CardOffice extends Pick<BirthOffice, 'citizen' | 'daysAgo' | 'closed'> {
  officer: () => Person;
  leader: () => Person;
  /** Files an application for a child of forty days that is accepted; gives the code. */
  accepted: (answers?: Record<string, unknown>) => Promise<string>;
  /** A child's health card, delivered. */
  card: () => Promise<Listed & { code: string }>;
  listed: (code: string, document: string) => Promise<Listed[]>;
  /** Asks for an act on a document. */
  ask: (by: string, id: string, act: object) => ReturnType<Person['request']>;
  /** Waits for the document that comes of an act. */
  issued: (document: string, asked: { status: number; body: unknown }) => Promise<string>;
}

/** Opens the social insurance of Vũng Tàu in a world. */
export function openCardOffice(world: World): CardOffice {
  const { citizen, daysAgo, closed } = openBirthOffice(world);
  const office: CardOffice = {
    citizen,
    daysAgo,
    closed,
    officer: () => world.as('insurance.officer'),
    leader: () => world.as('insurance.leader'),
    async accepted(answers = {}) {
      const application = sampleChild('9.000047', 'G18.16', { childDob: daysAgo(40), ...answers });
      const code = await citizen().file('samples/linked-birth', application);
      await office.officer().complete(code, 'acceptance', { decision: 'accept' });
      return code;
    },
    async card() {
      const code = await office.accepted();
      await office.leader().complete(code, 'approval', { decision: 'approve' });
      await office.officer().complete(code, 'registration', { registered: true });
      await closed(code);
      return { ...(await office.listed(code, 'card'))[0]!, code };
    },
    async listed(code, document) {
      const { documents } = (await citizen().get(`/api/v1/cases/${code}`)).body as { documents: Listed[] };
      return documents.filter((each) => each.document === document);
    },
    ask: (by, id, act) =>
      world.as(by).request('POST', `/api/v1/documents/${id}/acts`, {
        reason: 'Theo đề nghị của người được cấp.',
        ...act,
      }),
    async issued(document, asked) {
      expect(asked.status).toBe(202);
      const { id } = asked.body as { id: string };
      const patience = Date.now() + 20_000;
      for (;;) {
        const { items } = (await citizen().get(`/api/v1/documents/${document}/acts`)).body;
        const act = (items as { id: string; issued: string | null }[]).find((each) => each.id === id);
        if (act?.issued) return act.issued;
        if (Date.now() > patience) throw new Error(`nothing came of ${JSON.stringify(act)}`);
        await new Promise((next) => setTimeout(next, 100));
      }
    },
  };
  return office;
}
