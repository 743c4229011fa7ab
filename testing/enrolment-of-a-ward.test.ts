import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { answerTasks } from '../records/engine-answers.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { committee, Enrolment, madeUpChild, madeUpSchool, type MadeUpChild } from './enrolment.ts';
import { openInstallation, type Installation } from './installation.ts';
import { insist, Patient } from './patient.ts';

/** `SCHOOL_CHILDREN=2000` walks a ward as big as a real one, which takes twelve minutes. */
const children = Number(process.env['SCHOOL_CHILDREN'] ?? 100);
const schools = 10;
const classes = Math.max(2, Math.ceil(children / 400));
/** Three of four children get a place. */
const perClass = Math.max(1, Math.floor((children * 0.75) / schools / classes));
const places = schools * classes * perClass;
const most = 120_000 + children * 500;
const atOnce = 8;
const day = 86_400_000;

let city: Installation;
let campaign: Enrolment;
const people = new Map<string, Patient>();
const as = (sub: string) => people.get(sub) as Patient;
const db = () => city.db;

beforeAll(async () => {
  city = await openInstallation();
  const officers = ['specialist', 'head', 'leader'].map((role) => `vungtau.${role}`);
  for (const sub of ['an', ...officers, ...committee]) people.set(sub, await Patient.signIn(city.url, sub));
}, 120_000);
afterAll(() => city.stop(), 60_000);

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

const count = async (sql: string): Promise<number> => {
  const { rows } = await db().raw<{ rows: [{ count: string }] }>(`SELECT count(*) FROM ${sql}`);
  return Number(rows[0].count);
};
const open = (task: string) => count(`tasks WHERE name = '${task}' AND state = 'open'`);
const members = (condition: string) => count(`cases WHERE procedure = 'schoolPlace' AND ${condition}`);
const held = () => count('places WHERE case_code IS NOT NULL');
const until = (what: string, reached: () => Promise<boolean>) =>
  insist(what, async () => (await reached()) || undefined, most);

/** Kills the worker in the middle of what it does; its supervisor starts another one. */
async function killWhen(what: string, reached: () => Promise<boolean>): Promise<void> {
  await until(what, reached);
  await city.kill('worker');
}

/** Does some of it at once, as many people would. */
async function each<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const next = items.entries();
  const lane = async () => {
    for (const [index, item] of next) await work(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** The campaign goes on as it does when the time of a stretch is over, days before it is. */
const end = (stretch: string) =>
  db().transaction((trx) =>
    answerTasks(trx, stretch, [{ caseCode: campaign.code, told: {}, personal: {} }], new Date()),
  );

/** Everybody who is asked to confirm a place answers. */
async function answerAll(decisionOf: (index: number) => 'accept' | 'decline'): Promise<void> {
  const ids = await db()('tasks')
    .where({ name: 'confirmation', state: 'open' })
    .orderBy('case_code')
    .pluck<string[]>('id');
  await each(ids, (id, index) =>
    as('an').request('POST', `/api/v1/tasks/${id}/complete`, { answer: { decision: decisionOf(index) } }),
  );
}

test(
  `${children} children, ${places} places: the worker is killed while they are verified, told and admitted, and no place is lost`,
  async () => {
    onTestFailed(() => console.error(city.diagnosis()));
    const plan = Array.from({ length: schools }, (_, index) => {
      const { code, details } = madeUpSchool(codeOf(index), perClass, areaOf(index));
      return { code, details: { ...details, classes } };
    });
    // Planned two days ago: applications are taken today.
    const clock = { now: () => new Date(Date.now() - 2 * day) };
    const passUntil = () => Promise.reject(new Error('time is real here'));
    campaign = await Enrolment.plan({ clock, agencies: city, as, passUntil }, { schools: plan });
    await campaign.announce();
    const ward = made(campaign.year);
    await campaign.tell(ward);
    await each(ward, (child) => campaign.file(child));
    expect(await count('campaign_members')).toBe(children);

    const ready = () => open('placement');
    await killWhen('some are verified', async () => (await ready()) > children / 4);
    await until('all are verified', async () => (await ready()) === children);
    await end('registration');
    await until('verification begins', async () => (await open('checking')) === 1);
    await end('checking');
    await until('the head is asked', async () => (await open('approval')) === 1);
    await campaign.approve();

    const told = () => count('placements WHERE told_at IS NOT NULL');
    await killWhen('some are told', async () => (await told()) > 0);
    await until('everybody is told', async () => (await told()) === children);
    expect(await held()).toBe(places);
    const asked = () => open('confirmation');
    await until('all are asked', async () => (await asked()) === places);

    const answered = answerAll((index) => (index % 10 === 0 ? 'decline' : 'accept'));
    await killWhen('some are admitted', async () => (await members(`outcome = 'admitted'`)) > children / 4);
    await answered;
    await until('who declined has come to an end', async () => {
      return (await members(`outcome = 'declined'`)) === Math.ceil(places / 10);
    });
    // Otherwise a campaign looks for places that came free every quarter of an hour.
    await db()('campaigns').update({ stirred_at: null });
    await until('the declined places went on', async () => (await held()) === places);
    const unconfirmed = () => count('places WHERE case_code IS NOT NULL AND confirmed_at IS NULL');
    await until(
      'the next are asked',
      async () => (await asked()) > 0 && (await asked()) === (await unconfirmed()),
    );
    await answerAll(() => 'accept');
    await until('all places are confirmed', async () => (await unconfirmed()) === 0);
    await end('confirming');
    await until('everybody has an answer', async () => (await members('closed_at IS NULL')) === 0);

    const { rows } = await db().raw<{
      rows: { offer: string; places: number; admitted: number }[];
    }>(/* sql */ `
      SELECT offer, count(*)::int AS places, (count(*) FILTER (WHERE outcome = 'admitted'))::int AS admitted
        FROM places LEFT JOIN cases ON code = case_code GROUP BY offer ORDER BY offer`);
    const full = { places: classes * perClass, admitted: classes * perClass };
    expect(rows).toEqual(plan.map(({ code }) => ({ offer: code, ...full })));
    expect(await members(`outcome = 'not-admitted'`)).toBe(children - places - Math.ceil(places / 10));
    // Whoever was told anything was told it once, and every record is whole.
    const twice = `SELECT case_code, document FROM documents GROUP BY 1, 2 HAVING count(*) > 1`;
    expect(await count(`(${twice}) twice`)).toBe(0);
    expect(await count(`documents WHERE document = 'admission'`)).toBe(places);
    const codes = await db()('cases').orderBy('code').pluck<string[]>('code');
    await each(codes, async (code) => expect(await firstBrokenEntry(db(), code)).toBeUndefined());

    await db()('campaigns').update({ stirred_at: null });
    await as('vungtau.specialist').complete(campaign.code, 'classLists', { handedOver: true });
    await as('vungtau.leader').complete(campaign.code, 'conclusion', { approved: true });
    const { outcome } = await as('vungtau.specialist').until(
      campaign.code,
      ({ closedAt }: { closedAt: string | null }) => closedAt !== null,
    );
    expect(outcome).toBe('concluded');
    expect(city.restarts('worker')).toBeGreaterThanOrEqual(3);
  },
  most * 6,
);
