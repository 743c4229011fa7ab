import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeHistory } from './describe-history.ts';
import { recordCase } from './histories.ts';
import { openWorld, samplePermit, type World } from './world.ts';

const folder = 'samples/construction-permit';
const appraised = { conclusion: 'eligible', reasons: 'Hồ sơ phù hợp quy hoạch.' };
const missing = [{ what: 'foundationPlan', reason: 'Thiếu sơ đồ đấu nối thoát nước.' }];

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const officer = (name: string) => world.as(`vungtau.${name}`);
const record = (name: string, code: string, outcome: string) =>
  recordCase(world, { name: `construction-permit/${name}`, code, outcome });

async function accepted(): Promise<string> {
  const code = await world.as('an').file(folder, samplePermit());
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  return code;
}

async function paid(code: string): Promise<void> {
  await world.as('treasury').task(code, 'pay');
  const pay = () => world.agencies.pay(code.replaceAll(/[^A-Z0-9]/g, ''));
  await expect.poll(() => pay().then(() => true, () => false)).toBe(true); // prettier-ignore
}

async function decided(code: string, outcome: 'grant' | 'refuse'): Promise<void> {
  await officer('specialist').complete(code, 'draft', { outcome, reasons: 'Theo kết quả thẩm định.' });
  await officer('head').complete(code, 'review', { decision: 'approve' });
  await officer('leader').complete(code, 'approval', { decision: 'approve' });
  await officer('clerk').complete(code, 'registration', { registered: true });
}

it('granted', async () => {
  const code = await accepted();
  await officer('specialist').complete(code, 'appraisal', appraised);
  await paid(code);
  await decided(code, 'grant');
  await describeHistory(await record('granted', code, 'granted'), 'docs/history-of-a-permit.md');
});

it('supplemented, then granted', async () => {
  const code = await accepted();
  await officer('specialist').complete(code, 'appraisal', { ...appraised, missing });
  const upload = await world.as('an').upload(`${folder}/foundation-plan.pdf`);
  await world.as('an').complete(code, 'supply', { papers: [{ kind: 'foundationPlan', upload }] });
  await officer('specialist').complete(code, 'appraisal', appraised);
  await paid(code);
  await decided(code, 'grant');
  await record('supplemented', code, 'granted');
});

it('refused after the applicant did not supply what was missing', async () => {
  const code = await accepted();
  await officer('specialist').complete(code, 'appraisal', { ...appraised, missing });
  await world.as('an').task(code, 'supply');
  await world.pass('3 days');
  await decided(code, 'refuse');
  await record('refused-after-silence', code, 'refused');
});

it('withdrawn', async () => {
  const code = await accepted();
  await officer('specialist').task(code, 'appraisal');
  await world.as('an').complete(code, 'withdraw', { reason: 'Thay đổi thiết kế.' });
  await record('withdrawn', code, 'withdrawn');
});

it('consulted, one agency silent', async () => {
  await world.agencies.tell('FIRE_SERVICE', { answers: 'silent' });
  const code = await accepted();
  await officer('specialist').complete(code, 'appraisal', { ...appraised, consult: ['fire', 'land'] });
  await world.as('land.officer').complete(code, 'consult.land', { opinion: 'agree' });
  await world.pass('3 days');
  await paid(code);
  await decided(code, 'grant');
  await record('consulted', code, 'granted');
});
