import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBirthOffice, payFee, type BirthOffice } from '../../testing/births.ts';
import { clearHistory, textOf } from '../../testing/histories.ts';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
let office: BirthOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openBirthOffice(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.toMonday();
  for (const agency of ['RESIDENT_REGISTRY', 'RESIDENCE', 'SOCIAL_INSURANCE'] as const)
    await world.agencies.tell(agency, {});
});

const below = (code: string, name: string) => office.branch(code, name);

const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map(({ document }) => document);

async function delivered(code: string) {
  await office.officer('reception').complete(code, 'delivery', { delivered: true });
  return office.closed(code);
}

describe('birth, residence and health card in one application (2.000986)', () => {
  it('is complete when three agencies have decided; each result is delivered as soon as it is there', async () => {
    const code = await office.filed(office.linked());
    const birth = await office.registeredBirth(code);
    const [residence, card] = await Promise.all([below(code, 'residence'), below(code, 'healthCard')]);
    expect([residence.slice(0, 6), card.slice(0, 6)]).toEqual(['G01.16', 'G18.16']);

    await office.insured(card);
    expect(documentsOf(await office.closed(card))).toEqual(['form-01', 'card']);
    expect((await office.citizen().get(`/api/v1/cases/${code}`)).body.closedAt).toBeNull();

    const police = world.as('police.officer');
    await police.complete(residence, 'acceptance', { decision: 'accept' });
    const shown = await office.shown(police, residence, 'verification', 'application');
    expect(shown.consent).toMatchObject({ consents: true });
    // The police know the child as it was registered, with its number.
    expect(shown.application).toMatchObject({ childName: 'Nguyễn Lê Minh Châu' });
    expect(shown.application.childPersonalNumber).toMatch(/^\d{12}$/);
    await police.complete(residence, 'verification', { conclusion: 'eligible' });
    await world.as('police.leader').complete(residence, 'approval', { decision: 'approve' });
    await police.complete(residence, 'registration', { registered: true });
    expect(documentsOf(await office.closed(residence))).toEqual(['form-01', 'registered']);

    const view = await delivered(code);
    expect(view).toMatchObject({ outcome: 'complete', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'results']);
    for (const each of [code, birth, residence, card]) {
      const history = textOf(await clearHistory(world, each));
      for (const secret of ['Minh Châu', 'Lê Thu Cúc', 'TE177', shown.application.childPersonalNumber])
        expect(history).not.toContain(secret);
    }
  });

  it('loses only the residence when the household stays silent for 7 days; the applicant is reminded after 3', async () => {
    await world.agencies.tell('RESIDENCE', { answers: 'silent' });
    const code = await office.filed(office.linked());
    await office.registeredBirth(code);
    const [residence, card] = await Promise.all([below(code, 'residence'), below(code, 'healthCard')]);
    await office.insured(card);
    await world.as('police.officer').complete(residence, 'acceptance', { decision: 'accept' });
    await world.as('residence').task(residence, 'consent');
    const reminders = () =>
      world.database
        .db('notices')
        .where({ case_code: residence, notice: 'warning' })
        .select('recipient_sub', 'at');
    await world.pass('2 days');
    expect(await reminders()).toEqual([]);
    await world.pass('2 days');
    await expect.poll(reminders).toMatchObject([{ recipient_sub: 'an' }]);
    await world.pass('4 days');
    await world.as('police.leader').complete(residence, 'approval', { decision: 'approve' });
    await world.as('police.officer').complete(residence, 'registration', { registered: true });
    const refused = await office.closed(residence);
    expect(refused).toMatchObject({ outcome: 'refused', state: { code: 10 } });
    expect(documentsOf(refused)).toContain('refusal');
    expect(await delivered(code)).toMatchObject({ outcome: 'in-part', state: { code: 10 } });
  });

  it('stops after a birth that is refused, without opening anything else', async () => {
    const code = await office.filed(office.linked());
    const birth = await below(code, 'birth');
    await office.officer('reception').complete(birth, 'acceptance', { decision: 'accept' });
    const refusal = { conclusion: 'not-eligible', reasons: 'Trẻ đã được đăng ký khai sinh.' };
    await office.officer('specialist').complete(birth, 'verification', refusal);
    await office.signed(birth);
    expect(await delivered(code)).toMatchObject({ outcome: 'birth-not-registered' });
    const opened = await world.database
      .db('tasks')
      .where({ case_code: code })
      .whereLike('name', 'case.%')
      .pluck('name');
    expect(opened).toEqual(['case.birth']);
  });

  it('has the late fee paid in the case of the birth', async () => {
    const application = office.linked();
    const late = { childDob: office.daysAgo(100), lateRegistration: true };
    const code = await office.filed({ ...application, answers: { ...application.answers, ...late } });
    const birth = await below(code, 'birth');
    await office.officer('reception').complete(birth, 'acceptance', { decision: 'accept' });
    await payFee(world, birth);
    await office.officer('specialist').task(birth, 'verification');
  });

  it('is for children under 6', async () => {
    const application = office.linked();
    const answers = { ...application.answers, childDob: office.daysAgo(6 * 366), lateRegistration: true };
    const { status, body } = await office
      .citizen()
      .request('POST', '/api/v1/applications', { ...application, answers });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/answers/childDob' }]);
  });
});
