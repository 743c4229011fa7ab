import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBirthOffice, type BirthOffice } from './births.ts';
import { clearHistory, textOf } from './histories.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let office: BirthOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openBirthOffice(world);
  await world.toMonday();
});
afterAll(() => world.close());

/** Bình brings An's papers to the counter, with a power of attorney for ninety days. */
async function takenIn(): Promise<string> {
  const reception = office.officer('reception');
  const linked = office.linked();
  const { birthCertificate: certificate, childDob: dateOfBirth, childGender: gender } = linked.answers;
  const mother = { motherPersonalNumber: '077192990003', facility: 'Bệnh viện Vũng Tàu' };
  await world.agencies.tell('BIRTH_CERTIFICATES', {
    also: [{ certificate, dateOfBirth, gender, ...mother }],
  });
  const authorisation = {
    number: '88/2026/UQ',
    issuedOn: office.daysAgo(1),
    validUntil: office.daysAgo(-90),
    upload: await reception.upload('samples/construction-permit/site-plan.pdf'),
  };
  return reception.file('samples/birth-registration', {
    ...linked,
    channel: 'counter',
    applicant: { ...(linked['applicant'] as object), onBehalf: 'authorised' },
    representative: { fullName: 'Trần Thị Bình', personalNumber: '077185990002', authorisation },
  });
}

test('whoever represents an applicant at the counter acts in the branches of the case too, until the applicant ends it', async () => {
  const code = await takenIn();
  const birth = await office.branch(code, 'birth');
  const [representative, applicant] = [world.as('binh'), office.citizen()];
  expect((await representative.get(`/api/v1/cases/${birth}`)).body).toMatchObject({
    channel: 'counter',
    takenInBy: { name: 'Lê Thị Hoa' },
    representative: { fullName: 'Trần Thị Bình', number: '88/2026/UQ' },
  });

  // The officer who took it in may also accept it.
  await office.officer('reception').complete(birth, 'acceptance', { decision: 'accept' });
  await office.officer('specialist').complete(birth, 'verification', { conclusion: 'eligible' });
  const confirmed = await representative.complete(birth, 'confirmation', { decision: 'confirm' });
  expect(confirmed.status).toBe(200);
  await office.signed(birth);
  await office.closed(birth);

  expect((await applicant.request('DELETE', `/api/v1/cases/${code}/representative`)).status).toBe(204);
  for (const each of [code, birth])
    expect((await representative.get(`/api/v1/cases/${each}`)).body).toMatchObject({
      type: '/problems/not-yours',
    });
  const list = await applicant.get('/api/v1/cases?limit=100');
  expect(list.body.items.map((item: { code: string }) => item.code)).toEqual(
    expect.arrayContaining([code, birth]),
  );
  const history = textOf(await clearHistory(world, code)) + textOf(await clearHistory(world, birth));
  for (const secret of ['Bình', '077185990002', '077090990001', '88/2026'])
    expect(history).not.toContain(secret);
});
