import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';
import { streetLight } from '../testing/street-light.ts';

const repair = { ...streetLight.tasks['repair']!, grace: '10m' as const };
const withdraw = { ...repair, by: 'citizen' as const, form: z.object({ reason: z.string().min(1) }) };
const tasks = { repair, check: repair, withdraw };
const procedures = new Map([['streetLight', { ...streetLight, tasks }]]);
const start = new Date('2026-11-23T02:00:00Z');
let now = start;
let api: TestApi;
let officers: Officers;
beforeAll(async () => {
  api = await startApi({ procedures, clock: { now: () => now } });
  officers = new Officers(api);
});
afterAll(() => api.stop());

interface Offered {
  act: string;
  task?: { id: string; name: string };
  method: string;
  href: string;
  allowed: boolean;
  why?: { type: string; detail: string };
  legalBasis?: { vi: string };
}
const actionsFor = async (sub: string, code: string) => {
  const { status, body } = await officers.request(sub, 'get', `/api/v1/cases/${code}/actions`);
  return { status, type: body.type as string, items: (body.items ?? []) as Offered[] };
};

test('only who may read a case is told what they can do to it', async () => {
  const code = await fileCase(api);
  expect((await api.stranger.get(`/api/v1/cases/${code}/actions`)).status).toBe(401);
  expect((await actionsFor('binh', code)).type).toBe('/problems/not-yours');
  expect((await actionsFor('tamthang.head', code)).type).toBe('/problems/wrong-agency');
});

test('the applicant is told that they may withdraw and by which article, and when it is too late why not (Decree 118/2025 Art. 21)', async () => {
  const code = await fileCase(api);
  const id = await openTask(api, code, { name: 'withdraw', role: 'citizen', agency: null });
  const find = async (sub: string) =>
    (await actionsFor(sub, code)).items.find(({ act }) => act === 'withdraw');
  expect(await find('an')).toMatchObject({
    allowed: true,
    method: 'POST',
    href: `/api/v1/tasks/${id}/complete`,
    legalBasis: { vi: 'Nghị định 118/2025/NĐ-CP, Điều 21' },
  });
  expect(await find('vungtau.head')).toMatchObject({ allowed: false, why: { type: 'wrong-role' } });
  await api.db('tasks').where({ id }).update({ state: 'cancelled' });
  expect(await find('an')).toMatchObject({
    allowed: false,
    why: { type: 'task-closed', detail: 'Việc này đã xong · This task is closed' },
  });
});

const people = [
  'an',
  'vungtau.specialist',
  'colleague',
  'deputy',
  'vungtau.head',
  'vungtau.leader',
  'vungtau.reception',
  'admin',
] as const;

/** A case as random acts and its engine may have left it. */
const situations = fc.record({
  who: fc.constantFrom(...people, 'vungtau.specialist' as const, 'colleague' as const),
  claimedBy: fc.constantFrom(null, ...people.slice(1, 4)),
  checkedBy: fc.constantFrom(null, 'vungtau.specialist', 'colleague', 'deputy'),
  checkedFor: fc.constantFrom(null, 'vungtau.specialist'),
  repair: fc.constantFrom('open', 'open', 'open', 'expired', 'held', 'held', 'told'),
  heldBy: fc.constantFrom('vungtau.specialist', 'colleague'),
  deputises: fc.boolean(),
  minutes: fc.constantFrom(1, 9, 10, 30),
  withdrawal: fc.constantFrom('open', 'cancelled'),
});
type Situation = typeof situations extends fc.Arbitrary<infer S> ? S : never;

/** Brings a case about; gives it with an officer to whom the repair can be given. */
async function bringAbout(given: Situation): Promise<string> {
  now = start;
  await api.db('delegations').delete();
  for (const sub of ['vungtau.specialist', 'fresh'])
    await officers.signIn(sub, 'vungtau.specialist', { name: sub });
  await officers.signIn('colleague', 'vungtau.specialist', { name: 'colleague' });
  await officers.signIn('deputy', 'vungtau.reception', { name: 'deputy' });
  if (given.deputises)
    await officers.request('vungtau.specialist', 'post', '/api/v1/delegations', {
      substitute: 'deputy',
      from: start.toISOString(),
      to: new Date(start.getTime() + 20 * 60_000).toISOString(),
    });
  const code = await fileCase(api);
  const id = await openTask(api, code, { not_by: ['check'] });
  if (given.repair === 'held' || given.repair === 'told')
    await officers.request(given.heldBy, 'post', `/api/v1/tasks/${id}/complete`, {
      answer: { repaired: true },
    });
  else await api.db('tasks').where({ id }).update({ state: given.repair, claimed_by: given.claimedBy });
  if (given.repair === 'told') await api.db('outbox').where({ case_code: code }).update({ not_before: null });
  const checked = given.checkedBy && {
    sub: given.checkedBy,
    name: given.checkedBy,
    ...(given.checkedFor ? { for: { sub: given.checkedFor, name: given.checkedFor } } : {}),
  };
  const check = await openTask(api, code, { name: 'check' });
  if (checked)
    await api
      .db('tasks')
      .where({ id: check })
      .update({ state: 'done', closed_by: JSON.stringify(checked) });
  const right = await openTask(api, code, { name: 'withdraw', role: 'citizen', agency: null });
  await api.db('tasks').where({ id: right }).update({ state: given.withdrawal });
  now = new Date(start.getTime() + given.minutes * 60_000);
  return code;
}

/** A right body for each act: with it, nothing but the guards can refuse. */
async function bodyOf(act: string, who: string): Promise<object | undefined> {
  switch (act) {
    case 'complete':
      return { answer: { repaired: true } };
    case 'withdraw':
      return { answer: { reason: 'Không còn nhu cầu' } };
    case 'assign':
      return { to: 'fresh', reason: 'Phân công lại' };
    case 'comment':
      return { body: 'Đã xem.' };
    case 'link':
      return { case: await fileCase(api), kind: 'follows' };
    case 'delegate':
      return {
        substitute: 'fresh',
        ...(who === 'admin' ? { principal: 'vungtau.specialist' } : {}),
        from: now.toISOString(),
        to: new Date(now.getTime() + 3_600_000).toISOString(),
        reason: 'Đi công tác',
      };
    case 'transfer':
      return { agency: 'H29.17', reason: 'Thuộc địa bàn phường khác' };
    case 'consult':
      return { agency: 'H29.21', question: 'Có trong hành lang đường bộ không?' };
    case 'correct':
      return { document: randomUUID(), wrong: 'Sai tên' };
    case 'reopen':
      return {
        decision: { number: '1/QĐ', date: '2026-11-20', authority: 'Thành phố' },
        reason: 'Theo quyết định giải quyết khiếu nại',
      };
    default:
      return undefined;
  }
}

const acts = [
  'complete',
  'claim',
  'release',
  'assign',
  'withdraw',
  'comment',
  'link',
  'transfer',
  'consult',
  'delegate',
  'undo',
];

test('whatever is said to be allowed then succeeds, and whatever is not is refused for the reason that was told', async () => {
  const seen = new Set<string>();
  const attempt = async (who: string, offered: Offered) => {
    const method = offered.method.toLowerCase() as 'post' | 'put' | 'delete';
    const answer = await officers.request(who, method, offered.href, await bodyOf(offered.act, who));
    const told = offered.allowed ? 'allowed' : `/problems/${offered.why?.type}`;
    const happened = answer.status < 300 ? 'allowed' : (answer.body.type as string);
    expect({ who, act: offered.act, task: offered.task?.name, is: happened }).toEqual({
      who,
      act: offered.act,
      task: offered.task?.name,
      is: told,
    });
    seen.add(`${offered.act} ${offered.allowed}`);
  };
  await fc.assert(
    fc.asyncProperty(situations, fc.constantFrom(...acts), async (given, wish) => {
      const code = await bringAbout(given);
      const { status, items } = await actionsFor(given.who, code);
      expect(status).toBe(200);
      // What is refused changes nothing, so all of it can be tried, and then one act that is allowed.
      for (const offered of items.filter(({ allowed }) => !allowed)) await attempt(given.who, offered);
      const allowed = items.filter((offered) => offered.allowed);
      const chosen = allowed.find(({ act }) => act === wish) ?? allowed[0];
      if (chosen) await attempt(given.who, chosen);
    }),
    { numRuns: 120, seed: 118, endOnFailure: true },
  );
  // The search is worth something only if it met both answers of every guard.
  const both = acts.flatMap((act) => [`${act} true`, `${act} false`]);
  expect(both.filter((each) => !seen.has(each))).toEqual([]);
}, 120_000);

test('actions that nobody knows are not offered: every address is one that answers', async () => {
  const code = await fileCase(api);
  await openTask(api, code, {});
  for (const { href, method } of (await actionsFor('vungtau.specialist', code)).items) {
    const answer = await officers.request(
      'vungtau.specialist',
      method.toLowerCase() as 'post',
      href.replace(code, 'H29.16-200101-0001').replace(/[0-9a-f-]{36}/, randomUUID()),
      {},
    );
    expect(answer.body.detail).not.toContain('There is nothing at this address');
  }
});
