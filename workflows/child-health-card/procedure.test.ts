import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBirthOffice, sampleChild, type BirthOffice } from '../../testing/births.ts';
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
  await world.agencies.tell('SOCIAL_INSURANCE', {});
});

const insurance = () => world.as('insurance.officer');
const leader = () => world.as('insurance.leader');
const young = () => sampleChild('9.000047', 'G18.16', { childDob: office.daysAgo(40) });

async function accepted(): Promise<string> {
  const code = await office.citizen().file('samples/linked-birth', young());
  await insurance().complete(code, 'acceptance', { decision: 'accept' });
  return code;
}

async function signed(code: string) {
  await leader().complete(code, 'approval', { decision: 'approve' });
  await insurance().complete(code, 'registration', { registered: true });
  return office.closed(code);
}

const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map(({ document }) => document);

describe('the health-insurance card of a child', () => {
  it('is made by the social insurance, valid from the day of birth', async () => {
    const code = await accepted();
    const { application } = await office.shown(leader(), code, 'approval', 'application');
    expect(application).toMatchObject({ validFrom: office.daysAgo(40) });
    expect(application.cardNumber).toMatch(/^TE1\d{12}$/);
    const view = await signed(code);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'card']);
  });

  it('is asked for again, or refused with reasons, when the insurance cannot make it', async () => {
    await world.agencies.tell('SOCIAL_INSURANCE', { answers: 'not-made' });
    const code = await accepted();
    const again = { decision: 'ask-again', reasons: 'Đã hủy thẻ cũ.' };
    await insurance().complete(code, 'settlement', again);
    const { id } = await insurance().task(code, 'settlement');
    const blank = { decision: 'refuse', reasons: ' ' };
    const refused = await insurance().request('POST', `/api/v1/tasks/${id}/complete`, { answer: blank });
    expect(refused.status).toBe(422);
    await insurance().complete(code, 'settlement', { decision: 'refuse', reasons: 'Trẻ đã có thẻ.' });
    // Who settled it does not sign it: it takes the leader.
    const view = await signed(code);
    expect(view).toMatchObject({ outcome: 'refused' });
    expect(documentsOf(view)).toEqual(['form-01', 'refusal']);
  });

  it('waits in the name of the insurance while its system is down', async () => {
    await world.agencies.tell('SOCIAL_INSURANCE', { mode: 'down' });
    const code = await accepted();
    const { waiting } = await office.citizen().until(code, (view) => view.waiting !== null);
    expect(waiting).toMatchObject({ for: 'healthCard', agency: { en: 'Social insurance' } });
    await world.agencies.tell('SOCIAL_INSURANCE', {});
    await world.pass('10 minutes');
    expect(await signed(code)).toMatchObject({ outcome: 'granted', waiting: null });
  });

  it('is not for a child of 6 years', async () => {
    const application = sampleChild('9.000047', 'G18.16', { childDob: office.daysAgo(6 * 366) });
    const { status, body } = await office.citizen().request('POST', '/api/v1/applications', application);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/answers/childDob' }]);
  });
});
