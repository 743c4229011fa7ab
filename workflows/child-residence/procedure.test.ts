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
  await world.agencies.tell('RESIDENCE', {});
});

const police = () => world.as('police.officer');
const leader = () => world.as('police.leader');

/** Files the residence of a registered child at the police and has it accepted. */
async function accepted(answers: Record<string, unknown> = {}): Promise<string> {
  const code = await office
    .citizen()
    .file('samples/linked-birth', sampleChild('1.004222', 'G01.16', answers));
  await police().complete(code, 'acceptance', { decision: 'accept' });
  return code;
}

const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map(({ document }) => document);

describe('the permanent residence of a child', () => {
  it('is registered when the head of the household consents in VNeID', async () => {
    const code = await accepted();
    await police().complete(code, 'verification', { conclusion: 'eligible' });
    await leader().complete(code, 'approval', { decision: 'approve' });
    await police().complete(code, 'registration', { registered: true });
    const view = await office.closed(code);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'registered']);
  });

  it('is refused when the head of the household does not consent', async () => {
    await world.agencies.tell('RESIDENCE', { answers: 'objects' });
    const code = await accepted();
    await leader().complete(code, 'approval', { decision: 'approve' });
    await police().complete(code, 'registration', { registered: true });
    const view = await office.closed(code);
    expect(view).toMatchObject({ outcome: 'refused' });
    expect(documentsOf(view)).toEqual(['form-01', 'refusal']);
  });

  it('is looked at again when the leader returns a refusal', async () => {
    await world.agencies.tell('RESIDENCE', { answers: 'objects' });
    const code = await accepted();
    const comment = 'Chủ hộ đã gửi văn bản đồng ý.';
    await leader().complete(code, 'approval', { decision: 'return', comment });
    expect(await office.shown(police(), code, 'verification', 'returned')).toMatchObject({
      returned: comment,
    });
    await police().complete(code, 'verification', { conclusion: 'eligible' });
    await leader().complete(code, 'approval', { decision: 'approve' });
    await police().complete(code, 'registration', { registered: true });
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('asks nobody in VNeID when the household has consented on paper', async () => {
    const code = await accepted({ ownerConsentMode: 'paper' });
    await police().task(code, 'verification');
    expect(await world.database.db('tasks').where({ case_code: code, name: 'consent' })).toEqual([]);
  });

  it('is decided by the police, not by the ward', async () => {
    const code = await accepted();
    const { id } = await police().task(code, 'verification');
    const answer = { conclusion: 'eligible' };
    const act = await office
      .officer('specialist')
      .request('POST', `/api/v1/tasks/${id}/complete`, { answer });
    expect(act).toMatchObject({ status: 403, body: { type: '/problems/wrong-agency' } });
  });
});
