import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf as textOfPdf } from '../../activities/documents/pdf-text.ts';
import { clearHistory, textOf } from '../../testing/histories.ts';
import { openBirthOffice, payFee, sampleBirth, type BirthOffice } from '../../testing/births.ts';
import { openWorld, type World } from '../../testing/world.ts';

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
  for (const agency of ['RESIDENT_REGISTRY', 'BIRTH_CERTIFICATES', 'CIVIL_STATUS', 'TREASURY'] as const)
    await world.agencies.tell(agency, {});
});

const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map(({ document }) => document);

describe('a birth that is registered in time', () => {
  it('is granted free of charge, with the personal number that the registry gave', async () => {
    const code = await office.accepted();
    const findings = await office.shown(office.officer('specialist'), code, 'verification', 'application');
    expect(findings).toMatchObject({
      identity: { match: true },
      birth: { certificate: 'found', mismatches: [], motherAgeUnusual: false },
      marriage: { known: true },
      application: { childName: 'Nguyễn Lê Minh Châu' },
    });
    await office.officer('specialist').complete(code, 'verification', eligible);
    const draft = await office.shown(office.citizen(), code, 'confirmation', 'application');
    expect(draft.application).toMatchObject({ childName: 'Nguyễn Lê Minh Châu' });
    await office.citizen().complete(code, 'confirmation', { decision: 'confirm' });
    const { application } = await office.shown(office.officer('leader'), code, 'approval', 'application');
    expect(application.childPersonalNumber).toMatch(/^0773\d{2}99\d{4}$/);
    await office.signed(code);
    const view = await office.closed(code);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'certificate']);
    expect(view.documents[1].registerNumber).toMatch(/^\d+\/20\d\d$/);

    // Nobody's name, day or number is in what Temporal keeps, even with the key of the case.
    const history = textOf(await clearHistory(world, code));
    for (const secret of ['Minh Châu', 'Lê Thu Cúc', application.childPersonalNumber, office.daysAgo(10)])
      expect(history).not.toContain(secret);
  });

  it('is granted when the requester says nothing to the draft for a day: silence is acceptance', async () => {
    const code = await office.accepted();
    await office.officer('specialist').complete(code, 'verification', eligible);
    await office.citizen().task(code, 'confirmation');
    const before = await office.citizen().until(code, (view) => view.clock === 'paused');
    await world.pass('2 days');
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
    const { body } = await office.citizen().get(`/api/v1/cases/${code}/timeline`);
    expect(body.items).toContainEqual(
      expect.objectContaining({
        event: 'close',
        details: expect.objectContaining({ task: 'confirmation', silence: 'acceptance' }),
      }),
    );
    // The day on which the requester had the draft is the requester's.
    expect(Date.parse((await office.citizen().get(`/api/v1/cases/${code}`)).body.dueAt)).toBeGreaterThan(
      Date.parse(before.dueAt),
    );
  });

  it('is registered as the requester corrects the draft', async () => {
    const code = await office.accepted();
    await office.officer('specialist').complete(code, 'verification', eligible);
    const refused = await office.citizen().complete(code, 'confirmation', { decision: 'correct' });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/answer/corrections' }] } });
    await office.citizen().complete(code, 'confirmation', {
      decision: 'correct',
      corrections: 'Minh Trâu → Minh Trân',
    });
    const again = await office.shown(office.officer('specialist'), code, 'verification', 'application');
    expect(again).toMatchObject({ corrected: true, application: { corrections: 'Minh Trâu → Minh Trân' } });
    await office.officer('specialist').complete(code, 'verification', {
      ...eligible,
      childName: 'Nguyễn Lê Minh Trân',
    });
    const approval = await office.shown(office.officer('leader'), code, 'approval', 'application');
    expect(approval.application).toMatchObject({ childName: 'Nguyễn Lê Minh Trân', nationality: 'VN' });
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
    expect(textOf(await clearHistory(world, code))).not.toContain('Minh Trân');
  });

  it('goes back to the officer when the leader returns the draft, without asking the requester or the registry again', async () => {
    const code = await office.accepted();
    await office.officer('specialist').complete(code, 'verification', eligible);
    await office.citizen().complete(code, 'confirmation', { decision: 'confirm' });
    await office
      .officer('leader')
      .complete(code, 'approval', { decision: 'return', comment: 'Xem lại quê quán.' });
    const { returned } = await office.shown(office.officer('specialist'), code, 'verification', 'returned');
    expect(returned).toBe('Xem lại quê quán.');
    await office.officer('specialist').complete(code, 'verification', eligible);
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
    const names = await world.database.db('tasks').where({ case_code: code }).pluck('name');
    expect(names.filter((name) => name === 'confirmation' || name === 'personalNumber')).toHaveLength(2);
  });
});

describe('a birth that is registered late (Law on Civil Status, Art. 15.1)', () => {
  it('costs the late fee and the copies, and waits for the payment', async () => {
    const code = await office.accepted(sampleBirth());
    await office.citizen().until(code, (view) => view.state.code === 6);
    const { context } = (
      await world.as('treasury').get(`/api/v1/tasks/${(await world.as('treasury').task(code, 'pay')).id}`)
    ).body;
    expect(context.amount).toBe(24_000);
    await payFee(world, code);
    await office.officer('specialist').complete(code, 'verification', eligible);
    await office.citizen().complete(code, 'confirmation', { decision: 'confirm' });
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('is sent back at once when it was not declared as late', async () => {
    const { status, body } = await office
      .citizen()
      .request('POST', '/api/v1/applications', office.inTime({ childDob: office.daysAgo(61) }));
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/answers/lateRegistration' }]);
  });

  it('ends when the fee is not paid in time', async () => {
    const code = await office.accepted(sampleBirth());
    await world.as('treasury').task(code, 'pay');
    await world.pass('30 days');
    expect(await office.closed(code)).toMatchObject({ outcome: 'unpaid', state: { code: 8 } });
  });
});

describe('the population database', () => {
  async function confirmed(): Promise<string> {
    const code = await office.accepted();
    await office.officer('specialist').complete(code, 'verification', eligible);
    return code;
  }
  const confirm = (code: string) => office.citizen().complete(code, 'confirmation', { decision: 'confirm' });

  it('is down for a day: the case waits in its name and goes on by itself', async () => {
    const code = await confirmed();
    await office.citizen().task(code, 'confirmation');
    await world.agencies.tell('RESIDENT_REGISTRY', { mode: 'down' });
    await confirm(code);
    const waiting = await office.citizen().until(code, (view) => view.waiting !== null);
    expect(waiting.waiting).toMatchObject({ for: 'personalNumber', agency: { en: 'Resident registry' } });
    await world.pass('1 day');
    await world.agencies.tell('RESIDENT_REGISTRY', {});
    await world.pass('10 minutes');
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted', waiting: null });
  });

  it('answers twice: the child has one number', async () => {
    await world.agencies.tell('RESIDENT_REGISTRY', { mode: 'duplicate' });
    const code = await confirmed();
    await confirm(code);
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
    const numbers = await world.database.db('tasks').where({ case_code: code, name: 'personalNumber' });
    expect(numbers).toHaveLength(1);
  });

  it('cannot allocate a number: an officer has it asked again, or enters the number that was given', async () => {
    await world.agencies.tell('RESIDENT_REGISTRY', { answers: 'duplicate' });
    const code = await confirmed();
    await confirm(code);
    const trouble = await office.shown(office.officer('specialist'), code, 'settlement', 'reason');
    expect(trouble).toMatchObject({ result: 'duplicate' });
    await office.officer('specialist').complete(code, 'settlement', {
      decision: 'ask-again',
      reasons: 'C06 đã xóa bản ghi trùng.',
    });
    const second = office.officer('specialist');
    const { id } = await second.task(code, 'settlement');
    const without = { decision: 'number-given', reasons: 'Công văn 12/C06.' };
    const refused = await second.request('POST', `/api/v1/tasks/${id}/complete`, { answer: without });
    expect(refused.body.errors).toMatchObject([{ pointer: '/answer/childPersonalNumber' }]);
    await second.complete(code, 'settlement', { ...without, childPersonalNumber: '077326999999' });
    const { application } = await office.shown(office.officer('leader'), code, 'approval', 'application');
    expect(application.childPersonalNumber).toBe('077326999999');
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('is the only one that may answer its task', async () => {
    await world.agencies.tell('RESIDENT_REGISTRY', { answers: 'silent' });
    const code = await confirmed();
    await confirm(code);
    const { id } = await world.as('resident-registry').task(code, 'personalNumber');
    const answer = { result: 'allocated', childPersonalNumber: '077326990001' };
    for (const stranger of [office.officer('specialist'), world.as('fire-service'), world.as('treasury')]) {
      const act = await stranger.request('POST', `/api/v1/tasks/${id}/complete`, { answer });
      expect(act).toMatchObject({ status: 403, body: { type: '/problems/wrong-role' } });
    }
  });
});

describe('a birth that is not simply granted', () => {
  it('has three working days more when the marriage must be verified at another ward', async () => {
    const application = office.inTime();
    const mother = { ...(application.answers['mother'] as object), personalNumber: '077185990002' };
    const code = await office.accepted({ ...application, answers: { ...application.answers, mother } });
    const { dueAt, acceptedAt } = await office.citizen().until(code, (view) => view.dueAt !== null);
    expect(Date.parse(dueAt) - Date.parse(acceptedAt)).toBeGreaterThan(3 * 86_400_000);
    const { documents } = await office.citizen().until(code, (view) => view.documents.length > 0);
    const slip = await office.citizen().get(`/api/v1/documents/${documents[0].id}`);
    expect(await textOfPdf(slip.body as Buffer)).toContain('03 ngày làm việc');
    await world.as('tamthang.civil').complete(code, 'consult.marriage', { opinion: 'agree' });
    const { opinions } = await office.shown(
      office.officer('specialist'),
      code,
      'verification',
      'application',
    );
    expect(opinions).toMatchObject([{ of: 'marriage', agency: 'H29.17', opinion: 'agree', silent: false }]);
  });

  it('is refused with reasons', async () => {
    const code = await office.accepted();
    const refusal = { conclusion: 'not-eligible' };
    const blank = await office.officer('specialist').complete(code, 'verification', refusal);
    expect(blank).toMatchObject({ status: 422, body: { errors: [{ pointer: '/answer/reasons' }] } });
    const reasons = 'Trẻ đã được đăng ký khai sinh.';
    await office.officer('specialist').complete(code, 'verification', { ...refusal, reasons });
    await office.signed(code);
    const view = await office.closed(code);
    expect(view).toMatchObject({ outcome: 'refused', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'refusal']);
  });

  it('is refused when what was missing does not come', async () => {
    const code = await office.accepted();
    const missing = [{ what: 'birthCertificate', reason: 'Không có bản điện tử.' }];
    await office.officer('specialist').complete(code, 'verification', { ...eligible, missing });
    await office.citizen().task(code, 'supply');
    await world.pass('5 days');
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'refused' });
  });

  it('is verified again when what was missing has come', async () => {
    const code = await office.accepted();
    const missing = [{ what: 'birthCertificate', reason: 'Không có bản điện tử.' }];
    await office.officer('specialist').complete(code, 'verification', { ...eligible, missing });
    const upload = await office.citizen().upload('samples/construction-permit/land-certificate.pdf');
    await office.citizen().complete(code, 'supply', { papers: [{ kind: 'birthCertificate', upload }] });
    await office.officer('specialist').complete(code, 'verification', eligible);
    await office.citizen().complete(code, 'confirmation', { decision: 'confirm' });
    await office.signed(code);
    expect(await office.closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('is not accepted when reception says why', async () => {
    const code = await office.filed();
    const rejection = { decision: 'reject', reasons: 'Đã đăng ký tại phường khác.' };
    await office.officer('reception').complete(code, 'acceptance', rejection);
    const view = await office.closed(code);
    expect(view).toMatchObject({ outcome: 'rejected', state: { code: 3 } });
    expect(documentsOf(view)).toEqual(['form-03']);
  });

  it('ends when the requester withdraws', async () => {
    const code = await office.accepted();
    await office.officer('specialist').task(code, 'verification');
    await office.citizen().complete(code, 'withdraw', { reason: 'Sẽ đăng ký ở nơi cư trú của mẹ.' });
    expect(await office.closed(code)).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
  });
});
