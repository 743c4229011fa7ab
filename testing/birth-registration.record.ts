import { afterAll, beforeAll, beforeEach, it } from 'vitest';
import { openBirthOffice, payFee, sampleBirth, type BirthOffice } from './births.ts';
import { recordCase } from './histories.ts';
import { openWorld, type World } from './world.ts';

const eligible = { conclusion: 'eligible' };

let world: World;
let office: BirthOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openBirthOffice(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.toMonday();
  await world.agencies.tell('RESIDENT_REGISTRY', {});
});

const record = (name: string, code: string, outcome: string) =>
  recordCase(world, { name: `birth-registration/${name}`, code, outcome });

it('granted, confirmed by the requester', async () => {
  const code = await office.accepted();
  await office.officer('specialist').complete(code, 'verification', eligible);
  await office.citizen().complete(code, 'confirmation', { decision: 'confirm' });
  await office.signed(code);
  await record('granted', code, 'granted');
});

it('granted after silence, a late fee and a number that was asked for twice', async () => {
  await world.agencies.tell('RESIDENT_REGISTRY', { answers: 'impossible' });
  const code = await office.accepted(sampleBirth());
  await payFee(world, code);
  await office.officer('specialist').complete(code, 'verification', eligible);
  await office.citizen().task(code, 'confirmation');
  await world.pass('2 days');
  await office.officer('specialist').task(code, 'settlement');
  await world.agencies.tell('RESIDENT_REGISTRY', {});
  const again = { decision: 'ask-again', reasons: 'Đã cập nhật thông tin của mẹ.' };
  await office.officer('specialist').complete(code, 'settlement', again);
  await office.signed(code);
  await record('late-and-silent', code, 'granted');
});

it('corrected by the requester, the marriage verified', async () => {
  const application = office.inTime();
  const mother = { ...(application.answers['mother'] as object), personalNumber: '077185990002' };
  const code = await office.accepted({ ...application, answers: { ...application.answers, mother } });
  await world.as('tamthang.civil').complete(code, 'consult.marriage', { opinion: 'agree' });
  await office.officer('specialist').complete(code, 'verification', eligible);
  const corrections = 'Tên đúng là Minh Trân.';
  await office.citizen().complete(code, 'confirmation', { decision: 'correct', corrections });
  const corrected = { ...eligible, childName: 'Nguyễn Lê Minh Trân' };
  await office.officer('specialist').complete(code, 'verification', corrected);
  await office.signed(code);
  await record('corrected', code, 'granted');
});

it('refused', async () => {
  const code = await office.accepted();
  const refusal = { conclusion: 'not-eligible', reasons: 'Trẻ đã được đăng ký khai sinh.' };
  await office.officer('specialist').complete(code, 'verification', refusal);
  await office.signed(code);
  await record('refused', code, 'refused');
});
