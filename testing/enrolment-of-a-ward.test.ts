import { resolve } from 'node:path';
import type { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Agencies } from '../activities/agencies/questions.ts';
import { openCaseKeys } from '../codec/index.ts';
import type { Actor } from '../records/actor.ts';
import { fileHandedIn } from '../records/filing.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { completeTask } from '../records/task-acts.ts';
import { procedures } from '../workflows/catalogue.ts';
import { personalFields, withoutPersonal } from '../workflows/engine/form.ts';
import { Enrolment, madeUpChild, madeUpSchool, sampleParent, type MadeUpChild } from './enrolment.ts';
import { insist } from './patient.ts';
import { startForgetfulWorker } from './worker-without-documents.ts';
import { openWorld, testMasterKey, type World } from './world.ts';

/** `SCHOOL_CHILDREN=2000` walks a ward as big as a real one, in about five minutes; the suite has no time for that. */
const children = Number(process.env['SCHOOL_CHILDREN'] ?? 200);
const schools = 20;
const classes = 3;
/** Three of four children get a place. */
const perClass = Math.max(1, Math.floor((children * 0.75) / schools / classes));
const places = schools * classes * perClass;
const most = 240_000;

let world: World;
let campaign: Enrolment;
let running: Promise<void>;
let worker: Worker;
let ward: MadeUpChild[];
const an: Actor = { sub: 'an', name: 'Nguyễn Văn An', roles: ['citizen'] };
const db = () => world.database.db;

beforeAll(async () => {
  world = await openWorld({ ownWorker: true });
  await world.toMonday();
}, 60_000);
afterAll(async () => {
  worker.shutdown();
  await running;
  await world.close();
});

const codeOf = (school: number) => `TH-${String((school % schools) + 1).padStart(2, '0')}`;
const areaOf = (school: number) => `Khu phố ${(school % schools) + 1}`;

/** The children of the ward: each wishes for the school of its neighbourhood and the one beside it. */
const made = (year: number): MadeUpChild[] =>
  Array.from({ length: children }, (_, index) =>
    madeUpChild(index + 1, year, {
      metres: 50 + ((index * 37) % 1500),
      neighbourhood: areaOf(index),
      wishes: [codeOf(index), codeOf(index + 1)],
      acceptOther: index % 2 === 0,
    }),
  );

/** What the registries know of thousands of children, without a network between. */
function registriesOf(children: readonly MadeUpChild[]): Agencies {
  const byNumber = new Map(children.map(({ resident }) => [resident.personalNumber, resident]));
  return {
    residents: {
      lookUpHome({ personalNumber }: { personalNumber: string }) {
        const { home, residence: address } = byNumber.get(personalNumber)!;
        return Promise.resolve({ match: true, mismatches: [], home: { ...home, address } });
      },
    },
    education: {
      lookUpPupil: () => Promise.resolve({ preschool: true, enrolledAt: null, siblingAt: null }),
      handOver: ({ classes }: { classes: { pupils: unknown[] }[] }) =>
        Promise.resolve({ pupils: classes.flatMap(({ pupils }) => pupils).length }),
    },
  } as unknown as Agencies;
}

const count = async (sql: string): Promise<number> => {
  const { rows } = await db().raw<{ rows: [{ count: string }] }>(`SELECT count(*) FROM ${sql}`);
  return Number(rows[0].count);
};
const until = (what: string, reached: () => Promise<boolean>) =>
  insist(what, async () => (await reached()) || undefined, most);

async function file(child: MadeUpChild, wrappedKey: Buffer): Promise<void> {
  const procedure = procedures.get('schoolPlace')!;
  const answers = procedure.application.parse(child.answers);
  const { applicant, agency } = sampleParent('an');
  const handedIn = {
    channel: 'online' as const,
    procedure: 'schoolPlace',
    agency,
    applicant,
    answers,
    papers: [],
  };
  const completion = {
    procedure: { ...procedure, id: 'schoolPlace' },
    publicAnswers: withoutPersonal(procedure.application, answers),
    agencies: [],
    wrappedKey,
  };
  const parties = { actor: an, applicantSub: an.sub };
  await db().transaction((trx) => fileHandedIn(trx, world.clock.now(), handedIn, parties, completion));
}

/** Everybody who is asked to confirm a place answers: what, the number of the task decides. */
async function answerAll(decisionOf: (index: number) => 'accept' | 'decline' | undefined): Promise<void> {
  const ids = await db()('tasks')
    .where({ name: 'confirmation', state: 'open' })
    .orderBy('case_code')
    .pluck<string[]>('id');
  const { form } = procedures.get('schoolPlace')!.tasks['confirmation']!;
  for (const [index, id] of ids.entries()) {
    const decision = decisionOf(index);
    if (!decision) continue;
    const rulesOf = () => ({ check: (given: unknown) => form.parse(given), personal: personalFields(form) });
    const act = { actor: an, at: world.clock.now(), id, answer: { decision }, rulesOf };
    await db().transaction((trx) => completeTask(trx, act));
  }
}

const told = () => count('outbox WHERE sent_at IS NULL').then((unsent) => unsent === 0);
const held = () => count('places WHERE case_code IS NOT NULL');

test(
  `${children} children, ${places} places: one of ten things that the worker does is lost before anybody hears of it, and no place is`,
  async () => {
    const plan = Array.from({ length: schools }, (_, index) => {
      const { code, details } = madeUpSchool(codeOf(index), perClass, areaOf(index));
      return { code, details: { ...details, classes } };
    });
    ward = made(world.clock.now().getUTCFullYear());
    worker = await startForgetfulWorker(world, resolve(inject('bundlePath')), registriesOf(ward), 10);
    running = worker.run();
    campaign = await (await Enrolment.plan(world, { schools: plan })).announce();
    await campaign.until('opens');
    const keys = openCaseKeys(db(), testMasterKey);
    for (const child of ward) await file(child, keys.wrapNew());

    const ready = () => count(`tasks WHERE name = 'placement' AND state = 'open'`);
    await until('all are verified', async () => (await ready()) === children);
    expect(await count('campaign_members')).toBe(children);

    await campaign.until('checkedBy');
    await campaign.approve();
    const heard = () => count(`placements WHERE told_at IS NOT NULL`);
    await until('everybody is told', async () => (await heard()) === children);
    expect(await held()).toBe(places);
    const offered = () => count(`tasks WHERE name = 'confirmation' AND state = 'open'`);
    await until('all are asked', async () => (await offered()) === places);

    // One of ten declines, one of twenty never answers.
    await answerAll((index) => (index % 20 === 7 ? undefined : index % 10 === 0 ? 'decline' : 'accept'));
    const admitted = () => count(`cases WHERE outcome = 'admitted'`);
    await until('all are heard', told);
    await world.pass('20 minutes');
    await until('the declined places went on', async () => (await held()) === places);

    await campaign.until('confirmBy');
    await until(
      'those who are silent lose theirs',
      async () => (await count(`cases WHERE outcome = 'unconfirmed'`)) > 0,
    );
    await world.pass('1 hour');
    await until('every place is given on', async () => (await held()) === places);
    const unconfirmed = () => count('places WHERE case_code IS NOT NULL AND confirmed_at IS NULL');
    await until('they are asked', async () => (await offered()) === (await unconfirmed()));
    await answerAll(() => 'accept');
    await campaign.until('givenOnUntil');
    await until(
      'everybody has an answer',
      async () => (await count(`cases WHERE closed_at IS NULL AND procedure = 'schoolPlace'`)) === 0,
    );

    const { rows } = await db().raw<{
      rows: { offer: string; places: number; confirmed: number; admitted: number }[];
    }>(/* sql */ `
      SELECT offer, count(*)::int AS places, count(confirmed_at)::int AS confirmed,
             (count(*) FILTER (WHERE outcome = 'admitted'))::int AS admitted
        FROM places LEFT JOIN cases ON code = case_code GROUP BY offer`);
    expect(rows).toHaveLength(schools);
    for (const { offer, ...counts } of rows)
      expect([offer, counts]).toEqual([
        offer,
        { places: classes * perClass, confirmed: counts.admitted, admitted: counts.admitted },
      ]);
    expect(await admitted()).toBe(await count('places WHERE confirmed_at IS NOT NULL'));
    expect(await admitted()).toBeGreaterThan(places * 0.95);
    const broken = await Promise.all(
      (await db()('cases').orderByRaw('md5(code)').limit(40).pluck<string[]>('code')).map((code) =>
        firstBrokenEntry(db(), code),
      ),
    );
    expect(broken.filter((entry) => entry !== undefined)).toEqual([]);
    // Whoever was told anything was told it once.
    expect(
      await count(
        `(SELECT case_code, document, count(*) FROM documents GROUP BY 1, 2 HAVING count(*) > 1) twice`,
      ),
    ).toBe(0);

    // The campaign looks now and then whether anybody is left.
    await world.pass('20 minutes');
    await world.as('vungtau.specialist').complete(campaign.code, 'classLists', { handedOver: true });
    await world.as('vungtau.leader').complete(campaign.code, 'conclusion', { approved: true });
    const { outcome } = await world
      .as('vungtau.specialist')
      .until(campaign.code, ({ closedAt }) => closedAt !== null);
    expect(outcome).toBe('concluded');
  },
  most * 2,
);
