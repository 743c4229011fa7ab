import { z } from 'zod';
import { defineProcedure, type Facts } from '../../workflows/engine/index.ts';

const text = (en: string) => ({ vi: en, en });
const decision = z.object({ yes: z.boolean(), reasons: z.string().default('') });

/** A procedure of one officer and one document, with a fee, to be broken in its story. */
const facts = {
  code: '9.000003',
  title: text('Broken on purpose'),
  effectiveFrom: '2026-07-01',
  legalBasis: ['–'],
  application: z.object({ wish: z.string().min(1) }),
  papers: {},
  limit: '7wd',
  fee: { title: text('Fee'), amount: 10_000, expires: '2wd', silence: 'closing' },
  tasks: { decide: { title: text('Decide'), by: 'specialist', due: '1wd', form: decision } },
  documents: {
    grant: { title: text('Grant'), template: 'none', register: 'QĐ', signedBy: 'decide' },
    refusal: { title: text('Refusal'), template: 'none', register: 'TB', signedBy: 'decide' },
  },
} as const satisfies Facts;

export const waitsForNobody = defineProcedure(facts, async ({ accept, tasks }) => {
  await accept();
  await tasks.decide();
  return new Promise<string>(() => undefined);
});

export const forgetsTheFee = defineProcedure(facts, async ({ accept, tasks, pay, issue }) => {
  await accept();
  await tasks.decide();
  await pay();
  await issue('grant', {});
  return 'granted';
});

export const rejectsWithoutReasons = defineProcedure(facts, async ({ tasks, reject }) => {
  const { reasons } = await tasks.decide();
  return reject(reasons);
});

export const refusesWithoutReasons = defineProcedure(facts, async ({ accept, tasks, issue }) => {
  await accept();
  await tasks.decide();
  await issue('refusal', {});
  return 'refused';
});

export const decidesTwice = defineProcedure(facts, async ({ accept, tasks, issue }) => {
  await accept();
  await tasks.decide();
  await Promise.all([issue('grant', {}), issue('refusal', { reasons: 'Theo quy định.' })]);
  return 'both';
});

export const neverEnds = defineProcedure(facts, async ({ accept, tasks }) => {
  await accept();
  for (;;) await tasks.decide();
});

export const fallsOver = defineProcedure(facts, async ({ accept, tasks }) => {
  await accept();
  const { yes } = await tasks.decide();
  if (!yes) throw new TypeError('nobody has thought of no');
  return 'granted';
});

const told = { times: 0 };
export const changesItsMind = defineProcedure(facts, async ({ accept, tasks }) => {
  await accept();
  await tasks.decide({ time: told.times++ });
  return 'ended';
});
