import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf as textOfPdf } from '../../activities/documents/pdf-text.ts';
import { clearHistory, textOf } from '../../testing/histories.ts';
import { openWorld, type World } from '../../testing/world.ts';

const folder = 'samples/birth-registration';
const eligible = { conclusion: 'eligible' };
const approve = { decision: 'approve' };

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.toMonday();
  for (const agency of ['RESIDENT_REGISTRY', 'BIRTH_CERTIFICATES', 'CIVIL_STATUS', 'TREASURY'] as const)
    await world.agencies.tell(agency, {});
});

const citizen = () => world.as('an');
const officer = (name: string) => world.as(`vungtau.${name}`);

type Application = Record<string, unknown> & { answers: Record<string, unknown> };
const sample = () => JSON.parse(readFileSync(`${folder}/application.json`, 'utf8')) as Application;

const daysAgo = (days: number) =>
  new Date(world.clock.now().getTime() + 7 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);

/** The sample child, born ten days ago and certified by the hospital: nothing to pay, no copies. */
function inTime(answers: Record<string, unknown> = {}): Application {
  const application = sample();
  const born = { childDob: daysAgo(10), lateRegistration: false, copyCount: 0 };
  return { ...application, answers: { ...application.answers, ...born, ...answers } };
}

const hospitalKnows = (answers: Record<string, unknown>) =>
  world.agencies.tell('BIRTH_CERTIFICATES', {
    also: [
      {
        certificate: answers['birthCertificate'],
        motherPersonalNumber: '077192990003',
        dateOfBirth: answers['childDob'],
        gender: answers['childGender'],
        facility: 'Bệnh viện Vũng Tàu',
      },
    ],
  });

async function accepted(application = inTime()): Promise<string> {
  await hospitalKnows(application.answers);
  const code = await citizen().file(folder, application);
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  return code;
}

async function signed(code: string): Promise<void> {
  await officer('leader').complete(code, 'approval', approve);
  await officer('clerk').complete(code, 'registration', { registered: true });
}

const closed = (code: string) => citizen().until(code, (view) => view.closedAt !== null);
const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map(({ document }) => document);

/** What a performer is shown of a task, once it shows more than it was opened with. */
async function shown(person: ReturnType<typeof citizen>, code: string, name: string, field: string) {
  const { id } = await person.task(code, name);
  const context = async () => (await person.get(`/api/v1/tasks/${id}`)).body.context;
  await expect.poll(async () => field in (await context())).toBe(true);
  return context();
}

describe('a birth that is registered in time', () => {
  it('is granted free of charge, with the personal number that the registry gave', async () => {
    const code = await accepted();
    const findings = await shown(officer('specialist'), code, 'verification', 'application');
    expect(findings).toMatchObject({
      identity: { match: true },
      birth: { certificate: 'found', mismatches: [], motherAgeUnusual: false },
      marriage: { known: true },
      application: { childName: 'Nguyễn Lê Minh Châu' },
    });
    await officer('specialist').complete(code, 'verification', eligible);
    const draft = await shown(citizen(), code, 'confirmation', 'application');
    expect(draft.application).toMatchObject({ childName: 'Nguyễn Lê Minh Châu' });
    await citizen().complete(code, 'confirmation', { decision: 'confirm' });
    const { application } = await shown(officer('leader'), code, 'approval', 'application');
    expect(application.childPersonalNumber).toMatch(/^0773\d{2}99\d{4}$/);
    await signed(code);
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'certificate']);
    expect(view.documents[1].registerNumber).toMatch(/^\d+\/20\d\d$/);

    // Nobody's name, day or number is in what Temporal keeps, even with the key of the case.
    const history = textOf(await clearHistory(world, code));
    for (const secret of ['Minh Châu', 'Lê Thu Cúc', application.childPersonalNumber, daysAgo(10)])
      expect(history).not.toContain(secret);
  });

  it('is granted when the requester says nothing to the draft for a day: silence is acceptance', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'verification', eligible);
    await citizen().task(code, 'confirmation');
    const before = await citizen().until(code, (view) => view.clock === 'paused');
    await world.pass('2 days');
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
    const { body } = await citizen().get(`/api/v1/cases/${code}/timeline`);
    expect(body.items).toContainEqual(
      expect.objectContaining({
        event: 'close',
        details: expect.objectContaining({ task: 'confirmation', silence: 'acceptance' }),
      }),
    );
    // The day on which the requester had the draft is the requester's.
    expect(Date.parse((await citizen().get(`/api/v1/cases/${code}`)).body.dueAt)).toBeGreaterThan(
      Date.parse(before.dueAt),
    );
  });

  it('is registered as the requester corrects the draft', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'verification', eligible);
    const refused = await citizen().complete(code, 'confirmation', { decision: 'correct' });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/answer/corrections' }] } });
    await citizen().complete(code, 'confirmation', {
      decision: 'correct',
      corrections: 'Minh Trâu → Minh Trân',
    });
    const again = await shown(officer('specialist'), code, 'verification', 'application');
    expect(again).toMatchObject({ corrected: true, application: { corrections: 'Minh Trâu → Minh Trân' } });
    await officer('specialist').complete(code, 'verification', {
      ...eligible,
      childName: 'Nguyễn Lê Minh Trân',
    });
    const approval = await shown(officer('leader'), code, 'approval', 'application');
    expect(approval.application).toMatchObject({ childName: 'Nguyễn Lê Minh Trân', nationality: 'VN' });
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
    expect(textOf(await clearHistory(world, code))).not.toContain('Minh Trân');
  });

  it('goes back to the officer when the leader returns the draft, without asking the requester or the registry again', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'verification', eligible);
    await citizen().complete(code, 'confirmation', { decision: 'confirm' });
    await officer('leader').complete(code, 'approval', { decision: 'return', comment: 'Xem lại quê quán.' });
    const { returned } = await shown(officer('specialist'), code, 'verification', 'returned');
    expect(returned).toBe('Xem lại quê quán.');
    await officer('specialist').complete(code, 'verification', eligible);
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
    const names = await world.database.db('tasks').where({ case_code: code }).pluck('name');
    expect(names.filter((name) => name === 'confirmation' || name === 'personalNumber')).toHaveLength(2);
  });
});

describe('a birth that is registered late (Law on Civil Status, Art. 15.1)', () => {
  it('costs the late fee and the copies, and waits for the payment', async () => {
    const code = await accepted(sample());
    await citizen().until(code, (view) => view.state.code === 6);
    const { context } = (
      await world.as('treasury').get(`/api/v1/tasks/${(await world.as('treasury').task(code, 'pay')).id}`)
    ).body;
    expect(context.amount).toBe(24_000);
    const pay = () => world.agencies.pay(code.replaceAll(/[^A-Z0-9]/g, ''));
    await expect.poll(() => pay().then(() => true, () => false)).toBe(true); // prettier-ignore
    await officer('specialist').complete(code, 'verification', eligible);
    await citizen().complete(code, 'confirmation', { decision: 'confirm' });
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('ends when the fee is not paid in time', async () => {
    const code = await accepted(sample());
    await world.as('treasury').task(code, 'pay');
    await world.pass('30 days');
    expect(await closed(code)).toMatchObject({ outcome: 'unpaid', state: { code: 8 } });
  });

  it('must be declared as such, and so must a birth in time; nobody is born tomorrow', async () => {
    const wrong = async (answers: Record<string, unknown>) => {
      const application = inTime(answers);
      const { status, body } = await citizen().request('POST', '/api/v1/applications', application);
      expect(status).toBe(422);
      return (body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
    };
    expect(await wrong({ childDob: daysAgo(61) })).toEqual(['/answers/lateRegistration']);
    expect(await wrong({ childDob: daysAgo(60), lateRegistration: true })).toEqual([
      '/answers/lateRegistration',
    ]);
    expect(await wrong({ childDob: daysAgo(-1) })).toEqual(['/answers/childDob']);
    expect(await wrong({ childDob: daysAgo(19 * 365), lateRegistration: true })).toEqual([
      '/answers/childDob',
    ]);
    expect(await wrong({ childName: 'Bé 2' })).toEqual(['/answers/childName']);
    const elsewhere = { ward: 'Phường Tam Thắng', province: 'Thành phố Hồ Chí Minh' };
    expect(await wrong({ hometown: elsewhere })).toEqual(['/answers/hometown']);
    expect(await wrong({ father: undefined, hometownBy: 'mother' })).toContain('/answers/father');
  });
});

describe('the population database', () => {
  async function confirmed(): Promise<string> {
    const code = await accepted();
    await officer('specialist').complete(code, 'verification', eligible);
    return code;
  }
  const confirm = (code: string) => citizen().complete(code, 'confirmation', { decision: 'confirm' });

  it('is down for a day: the case waits in its name and goes on by itself', async () => {
    const code = await confirmed();
    await citizen().task(code, 'confirmation');
    await world.agencies.tell('RESIDENT_REGISTRY', { mode: 'down' });
    await confirm(code);
    const waiting = await citizen().until(code, (view) => view.waiting !== null);
    expect(waiting.waiting).toMatchObject({ for: 'personalNumber', agency: { en: 'Resident registry' } });
    await world.pass('1 day');
    await world.agencies.tell('RESIDENT_REGISTRY', {});
    await world.pass('10 minutes');
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted', waiting: null });
  });

  it('answers twice: the child has one number', async () => {
    await world.agencies.tell('RESIDENT_REGISTRY', { mode: 'duplicate' });
    const code = await confirmed();
    await confirm(code);
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
    const numbers = await world.database.db('tasks').where({ case_code: code, name: 'personalNumber' });
    expect(numbers).toHaveLength(1);
  });

  it('cannot allocate a number: an officer has it asked again, or enters the number that was given', async () => {
    await world.agencies.tell('RESIDENT_REGISTRY', { answers: 'duplicate' });
    const code = await confirmed();
    await confirm(code);
    const trouble = await shown(officer('specialist'), code, 'settlement', 'reason');
    expect(trouble).toMatchObject({ result: 'duplicate' });
    await officer('specialist').complete(code, 'settlement', {
      decision: 'ask-again',
      reasons: 'C06 đã xóa bản ghi trùng.',
    });
    const second = officer('specialist');
    const { id } = await second.task(code, 'settlement');
    const without = { decision: 'number-given', reasons: 'Công văn 12/C06.' };
    const refused = await second.request('POST', `/api/v1/tasks/${id}/complete`, { answer: without });
    expect(refused.body.errors).toMatchObject([{ pointer: '/answer/childPersonalNumber' }]);
    await second.complete(code, 'settlement', { ...without, childPersonalNumber: '077326999999' });
    const { application } = await shown(officer('leader'), code, 'approval', 'application');
    expect(application.childPersonalNumber).toBe('077326999999');
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('is the only one that may answer its task', async () => {
    await world.agencies.tell('RESIDENT_REGISTRY', { answers: 'silent' });
    const code = await confirmed();
    await confirm(code);
    const { id } = await world.as('resident-registry').task(code, 'personalNumber');
    const answer = { result: 'allocated', childPersonalNumber: '077326990001' };
    for (const stranger of [officer('specialist'), world.as('fire-service'), world.as('treasury')]) {
      const act = await stranger.request('POST', `/api/v1/tasks/${id}/complete`, { answer });
      expect(act).toMatchObject({ status: 403, body: { type: '/problems/wrong-role' } });
    }
  });
});

describe('a birth that is not simply granted', () => {
  it('has three working days more when the marriage must be verified at another ward', async () => {
    const application = inTime();
    const mother = { ...(application.answers['mother'] as object), personalNumber: '077185990002' };
    const code = await accepted({ ...application, answers: { ...application.answers, mother } });
    const { dueAt, acceptedAt } = await citizen().until(code, (view) => view.dueAt !== null);
    expect(Date.parse(dueAt) - Date.parse(acceptedAt)).toBeGreaterThan(3 * 86_400_000);
    const { documents } = await citizen().until(code, (view) => view.documents.length > 0);
    const slip = await citizen().get(`/api/v1/documents/${documents[0].id}`);
    expect(await textOfPdf(slip.body as Buffer)).toContain('03 ngày làm việc');
    await world.as('tamthang.civil').complete(code, 'consult.marriage', { opinion: 'agree' });
    const { opinions } = await shown(officer('specialist'), code, 'verification', 'application');
    expect(opinions).toMatchObject([{ of: 'marriage', agency: 'H29.17', opinion: 'agree', silent: false }]);
  });

  it('is refused with reasons', async () => {
    const code = await accepted();
    const refusal = { conclusion: 'not-eligible' };
    const blank = await officer('specialist').complete(code, 'verification', refusal);
    expect(blank).toMatchObject({ status: 422, body: { errors: [{ pointer: '/answer/reasons' }] } });
    const reasons = 'Trẻ đã được đăng ký khai sinh.';
    await officer('specialist').complete(code, 'verification', { ...refusal, reasons });
    await signed(code);
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'refused', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'refusal']);
  });

  it('is refused when what was missing does not come', async () => {
    const code = await accepted();
    const missing = [{ what: 'birthCertificate', reason: 'Không có bản điện tử.' }];
    await officer('specialist').complete(code, 'verification', { ...eligible, missing });
    await citizen().task(code, 'supply');
    await world.pass('5 days');
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'refused' });
  });

  it('is verified again when what was missing has come', async () => {
    const code = await accepted();
    const missing = [{ what: 'birthCertificate', reason: 'Không có bản điện tử.' }];
    await officer('specialist').complete(code, 'verification', { ...eligible, missing });
    const upload = await citizen().upload('samples/construction-permit/land-certificate.pdf');
    await citizen().complete(code, 'supply', { papers: [{ kind: 'birthCertificate', upload }] });
    await officer('specialist').complete(code, 'verification', eligible);
    await citizen().complete(code, 'confirmation', { decision: 'confirm' });
    await signed(code);
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('is not accepted when reception says why', async () => {
    const code = await citizen().file(folder, inTime());
    const rejection = { decision: 'reject', reasons: 'Đã đăng ký tại phường khác.' };
    await officer('reception').complete(code, 'acceptance', rejection);
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'rejected', state: { code: 3 } });
    expect(documentsOf(view)).toEqual(['form-03']);
  });

  it('ends when the requester withdraws', async () => {
    const code = await accepted();
    await officer('specialist').task(code, 'verification');
    await citizen().complete(code, 'withdraw', { reason: 'Sẽ đăng ký ở nơi cư trú của mẹ.' });
    expect(await closed(code)).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
  });
});
