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

const sampleOf = (name: string) =>
  JSON.parse(readFileSync(`samples/${name}/application.json`, 'utf8')) as Record<string, object>;
const record = (name: string, code: string, outcome: string) =>
  recordCase(world, { name: `health-${name}`, code, outcome });

const granted = () => {
  const to = new Date(world.clock.now().getTime() + 90 * 86_400_000).toISOString().slice(0, 10);
  const sample = sampleOf('health-consent');
  return { ...sample, answers: { ...sample['answers'], to } };
};

/** Files a consent of the sample citizen and has it registered. */
async function inForce(): Promise<string> {
  const code = await world.as('an').file('samples/health-consent', granted());
  await world.as('station.head').complete(code, 'registration', { decision: 'register' });
  await world.as('an').task(code, 'change');
  return code;
}

it('a record that is kept, shared, withdrawn from a hospital and erased', async () => {
  const code = await world.as('an').file('samples/health-record', sampleOf('health-record'));
  await world.as('an').complete(code, 'review', { publish: true });
  await world
    .as('station.head')
    .complete(code, 'approval', { decision: 'return', comment: 'Bổ sung thông tin.' });
  await world.as('an').complete(code, 'review', { publish: true });
  await world.as('station.head').complete(code, 'approval', { decision: 'approve' });
  await world.as('an').task(code, 'request');

  const refused = await world.as('an').file('samples/health-consent', granted());
  const answer = { decision: 'refuse', reasons: 'Bên nhận không đúng.' };
  await world.as('station.head').complete(refused, 'registration', answer);
  await record('consent/refused', refused, 'refused');

  const withdrawn = await inForce();
  const until = new Date(world.clock.now().getTime() + 60 * 86_400_000).toISOString().slice(0, 10);
  await world.as('an').complete(withdrawn, 'change', { decision: 'replace', classes: ['laboratory'], until });
  await world.as('station.head').complete(withdrawn, 'certification', { certified: true });
  await world.as('an').complete(withdrawn, 'change', { decision: 'withdraw' });
  await world.as('station.head').complete(withdrawn, 'certification', { certified: true });
  await world.as('hospital.doctor').complete(withdrawn, 'confirmation', { done: 'deleted' });
  await record('consent/withdrawn', withdrawn, 'withdrawn-confirmed');

  await world.toMonday();
  const silent = await inForce();
  await world.as('an').complete(silent, 'change', { decision: 'withdraw' });
  await world.as('station.head').complete(silent, 'certification', { certified: true });
  await world.as('hospital.doctor').task(silent, 'confirmation');
  await world.pass('18 days');
  await world.as('station.doctor').complete(silent, 'escalation', { decision: 'report' });
  await record('consent/never-confirmed', silent, 'withdrawn-unconfirmed');

  await world.toMonday();
  const expired = await inForce();
  await world.pass('95 days');
  await record('consent/expired', expired, 'expired');

  await world.toMonday();
  const broken = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'identifier', valueString: '077090990001' },
      { name: 'reason', valueString: 'Người bệnh hôn mê, cần biết dị ứng.' },
    ],
  };
  await world.as('hospital.doctor').request('POST', '/fhir/$break-glass', broken);
  await world.as('station.doctor').complete(code, 'emergencyReview', { verdict: 'justified' });
  await world.as('an').complete(code, 'request', { wish: 'erase' });
  await world.as('station.doctor').complete(code, 'answer', { decision: 'accept' });
  await world.as('station.doctor').complete(code, 'fulfilment', { done: true });
  await world.as('station.head').complete(code, 'renewal', { signed: true });
  await record('record/kept-and-erased', code, 'erased');
}, 240_000);

it('a record that its citizen never reviews', async () => {
  const code = await world.as('an').file('samples/health-record', sampleOf('health-record'));
  await world.as('an').task(code, 'review');
  await world.pass('33 days');
  await record('record/not-reviewed', code, 'not-reviewed');
});
