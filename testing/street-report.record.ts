import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, it } from 'vitest';
import { recordCase } from './histories.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const sample = JSON.parse(readFileSync('samples/street-report/application.json', 'utf8')) as {
  answers: Record<string, unknown>;
};
const reporter = () => world.as('an');
const operator = () => world.as('ioc.operator');
const officer = () => world.as('light.officer');
const crew = () => world.as('light.crew');
const reported = () => reporter().file('samples/street-report', { ...sample, papers: [] });
const record = (name: string, code: string, outcome = name) =>
  recordCase(world, { name: `street-report/${name}`, code, outcome });

async function dispatched(code: string): Promise<string> {
  await operator().complete(code, 'verification', { decision: 'accept', publicText: 'Đèn không sáng.' });
  await operator().complete(code, 'dispatch', {});
  return code;
}

const taken = (code: string, team = '') =>
  officer().complete(code, 'acknowledgement', { decision: 'take', team });

async function answered(code: string, decision = 'resolved'): Promise<void> {
  await officer().complete(code, 'resolution', { decision, text: 'Đã kiểm tra, xử lý.' });
  await world.as('light.leader').complete(code, 'publication', { decision: 'approve' });
}

it('resolved by a team, opened once more by a low rating', async () => {
  const code = await dispatched(await reported());
  await taken(code, 'H29.33.01');
  await crew().complete(code, 'crew', { decision: 'accept' });
  await crew().complete(code, 'work', { result: 'done', findings: 'Thay bóng.' });
  await answered(code);
  await reporter().complete(code, 'rating', { score: '1' });
  await taken(code);
  await answered(code);
  await reporter().complete(code, 'rating', { score: '5' });
  await record('resolved', code);
});

it('passed on, not resolved, and nobody rates it', async () => {
  const code = await dispatched(await reported());
  const drain = world.as('drain.officer');
  const passOn = { decision: 'pass-on', reason: 'Không thuộc địa bàn.' };
  await officer().complete(code, 'acknowledgement', { ...passOn, agency: 'H29.34' });
  await drain.complete(code, 'acknowledgement', { ...passOn, agency: 'H29.33' });
  await taken(code);
  await answered(code, 'unresolved');
  await reporter().task(code, 'rating');
  await world.pass('4 days');
  await record('unresolved', code);
});

it('the same as another, asked for more in vain, rejected, withdrawn', async () => {
  const first = await reported();
  const second = await reported();
  await operator().complete(second, 'verification', { decision: 'duplicate', into: first });
  await record('duplicate', second);

  const missing = [{ what: '/description', reason: 'Ghi rõ cột nào.' }];
  const silent = await reported();
  await operator().complete(silent, 'verification', { decision: 'ask', missing });
  await reporter().task(silent, 'supply');
  await world.pass('25 hours');
  await record('unsupplied', silent);

  const joke = await reported();
  await operator().complete(joke, 'verification', { decision: 'reject', reasons: 'Thử máy.' });
  await record('rejected', joke);

  await dispatched(first);
  await officer().task(first, 'acknowledgement');
  await reporter().complete(first, 'withdraw', { reason: 'Đèn đã sáng.' });
  await record('withdrawn', first);
});
