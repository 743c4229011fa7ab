import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantPlace } from '../../records/campaign-work.ts';
import { firstBrokenEntry } from '../../records/record.ts';
import { committee, Enrolment, madeUpSchool, type MadeUpChild } from '../../testing/enrolment.ts';
import { clearHistory, textOf } from '../../testing/histories.ts';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
let campaign: Enrolment;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
});
afterAll(() => world.close());

const an = () => world.as('an');
const specialist = () => world.as('vungtau.specialist');
const leader = () => world.as('vungtau.leader');
type View = { outcome: string | null; closedAt: string | null; waiting: unknown };
const ended = (code: string, who = an()) => who.until(code, ({ closedAt }: View) => closedAt !== null);
const outcomeOf = async (code: string) => (await ended(code)).outcome as string;
const ready = (code: string) =>
  expect
    .poll(
      () => world.database.db('tasks').where({ case_code: code, name: 'placement', state: 'open' }).first(),
      { timeout: 10_000 },
    )
    .toBeDefined();
const doubtsIn = async (code: string) => {
  const { id } = await specialist().task(code, 'verification');
  return (await specialist().get(`/api/v1/tasks/${id}`)).body.context.doubts;
};
const verify = (code: string, answer: Record<string, unknown>) =>
  specialist().complete(code, 'verification', answer);
const inputOf = async (code: string) =>
  (await world.database.db('member_inputs').where({ case_code: code }).first()).input;
const placeOf = (code: string) => world.database.db('places').where({ case_code: code }).first();

describe('an application for a place at school', () => {
  let children: MadeUpChild[];
  let codes: Record<string, string>;

  it('is taken by nobody’s leave but a campaign’s, for a school that it has, and once for a child', async () => {
    const schools = [madeUpSchool('TH-A', 3, 'Khu phố 1'), madeUpSchool('TH-B', 2, 'Khu phố 2')];
    campaign = await (await Enrolment.plan(world, { schools })).announce();
    children = await campaign.children(1, [
      { metres: 95 },
      { metres: 195 },
      { metres: 295 },
      { metres: 395 },
      { metres: 495 },
      { metres: 595, acceptOther: true },
      { metres: 695 },
      { metres: 795, neighbourhood: 'Khu phố 2', wishes: ['TH-B'] },
      { metres: 45, kind: 'temporary', answers: { residenceStatus: 'permanent' } },
      { metres: 895 },
      { metres: 995 },
      { metres: 1095 },
    ]);
    await expect(campaign.file(children[0]!)).rejects.toThrow('filing-closed');
    await campaign.until('opens');
    await expect(
      campaign.file({ answers: { ...children[0]!.answers, wishes: [{ school: 'TH-X' }] } }),
    ).rejects.toThrow('/answers/wishes/0/school');
    await expect(
      campaign.file({ answers: { ...children[0]!.answers, childDob: '2010-01-01' } }),
    ).rejects.toThrow('/answers/childDob');
    const first = await campaign.file(children[0]!);
    await expect(campaign.file(children[0]!, 'binh')).rejects.toThrow('/answers/childPersonalNumber');
    codes = { first };
    await ready(first);
    const { body } = await an().get(`/api/v1/cases/${first}`);
    expect(body.documents).toMatchObject([{ document: 'form-01' }]);
  });

  it('goes to an officer where the registries do not confirm it, and counts as they have verified it', async () => {
    const late = { ...children[1]!, pupil: { ...children[1]!.pupil, school: 'TH-A' } };
    const sibling = { personalNumber: '077218000777', preschool: false, school: 'TH-A' };
    children = [children[0]!, late, ...children.slice(2)];
    await campaign.tell([...children, { resident: children[0]!.resident, pupil: sibling, answers: {} }]);
    const withSibling = {
      answers: { ...children[2]!.answers, siblingPersonalNumber: sibling.personalNumber },
    };
    const poor = { answers: { ...children[3]!.answers, hasPriority: true, priorityGroup: 'poor' } };
    codes['enrolled'] = await campaign.file(late);
    codes['sibling'] = await campaign.file(withSibling);
    codes['poor'] = await campaign.file(poor);
    codes['moved'] = await campaign.file(children[8]!);
    expect(await doubtsIn(codes['enrolled'])).toEqual(['enrolled']);
    expect(await doubtsIn(codes['poor'])).toEqual(['priority']);
    expect(await doubtsIn(codes['moved'])).toEqual(['residence']);
    expect(await verify(codes['enrolled'], { decision: 'refuse' })).toMatchObject({ status: 422 });
    await verify(codes['enrolled'], { decision: 'refuse', reasons: 'Đã học lớp 1 tại TH-A.' });
    expect(await outcomeOf(codes['enrolled'])).toBe('rejected');
    await verify(codes['poor'], {
      decision: 'take',
      verifiedResidence: 'permanent',
      verifiedSince: '2021-05-01',
      verifiedNeighbourhood: 'Khu phố 1',
      verifiedHome: { lat: 10.356, lng: 107.08 },
      verifiedGroup: 'poor',
    });
    await Promise.all([ready(codes['sibling']), ready(codes['poor'])]);
    // A child that was refused may be applied for again.
    codes['again'] = await campaign.file(late);
  });

  it('may be changed until applications are taken no more, and is checked again', async () => {
    const { answers } = children[8]!;
    const amend = (code: string, changed: object, who = an()) =>
      who.request('POST', `/api/v1/cases/${code}/amendment`, { answers: changed, papers: [] });
    expect((await amend(codes['moved']!, answers, world.as('binh'))).status).toBe(403);
    expect(
      (await amend(codes['moved']!, { ...answers, wishes: [{ school: 'TH-X' }] })).body.errors,
    ).toMatchObject([{ pointer: '/answers/wishes/0/school' }]);
    expect(
      (
        await amend(codes['moved']!, {
          ...answers,
          childPersonalNumber: children[0]!.answers['childPersonalNumber'],
        })
      ).status,
    ).toBe(422);
    expect((await amend(codes['moved']!, { ...answers, residenceStatus: 'temporary' })).status).toBe(200);
    await ready(codes['moved']!);
    const { body } = await an().get(`/api/v1/cases/${codes['moved']}/content`);
    expect(body.answers).toMatchObject({ residenceStatus: 'temporary' });
  });

  it('waits for a registry that does not answer, and is considered without what nobody has confirmed in time', async () => {
    for (const name of ['silent', 'withdrawn', 'appeals'] as const)
      codes[name] = await campaign.file(children[{ silent: 4, withdrawn: 5, appeals: 6 }[name]]!);
    codes['atB'] = await campaign.file(children[7]!);
    await Promise.all(['silent', 'withdrawn', 'appeals', 'atB'].map((name) => ready(codes[name]!)));
    await world.passUntil(new Date(campaign.rounds[0]!.closes.getTime() - 3_600_000));
    await world.agencies.tell('RESIDENT_REGISTRY', { mode: 'down' });
    codes['unanswered'] = await campaign.file(children[9]!);
    await an().until(codes['unanswered'], ({ waiting }: View) => waiting !== null);
    codes['tooLate'] = await campaign.file({
      answers: { ...children[10]!.answers, ageException: 'late', childDob: `${campaign.year - 8}-03-14` },
    });
    await campaign.until('closes');
    expect(
      await an().request('POST', `/api/v1/cases/${codes['first']}/amendment`, {
        answers: children[0]!.answers,
        papers: [],
      }),
    ).toMatchObject({ status: 409 });
    await campaign.tell(children);
    await world.pass('1 hour');
    await ready(codes['unanswered']);
    expect(await doubtsIn(codes['tooLate'])).toEqual(['residence', 'age']);
    await campaign.until('checkedBy');
    await ready(codes['tooLate']);
    const { id } = await world.as('vungtau.head').task(campaign.code, 'approval');
    const { body } = await world.as('vungtau.head').get(`/api/v1/tasks/${id}`);
    expect(body.context).toMatchObject({ placed: 5 });
    expect(await inputOf(codes['tooLate'])).toMatchObject({ residence: 'other', since: null, catchment: [] });
    expect(await inputOf(codes['poor']!)).toMatchObject({
      group: 'poor',
      since: '2021-05',
      wishes: [{ metres: 700 }],
    });
    expect(await inputOf(codes['sibling']!)).toMatchObject({ sibling: 'TH-A' });
    expect(await inputOf(codes['moved']!)).toMatchObject({ residence: 'temporary', catchment: ['TH-A'] });
    await campaign.approve();
  });

  const decided = (code: string, name: string, decision: string) => an().complete(code, name, { decision });

  it('is admitted when the parents take the place, with a signed notice that says why', async () => {
    expect(await decided(codes['first']!, 'confirmation', 'accept')).toMatchObject({ status: 200 });
    expect((await placeOf(codes['first']!)).offer).toBe('TH-A');
    const { outcome, documents } = await ended(codes['first']!);
    expect(outcome).toBe('admitted');
    expect(documents).toMatchObject([
      {},
      { document: 'admission', registerNumber: expect.stringMatching(/TB/) },
    ]);
    const pdf = await an().get(`/api/v1/documents/${documents[1].id}`);
    expect(pdf.body.subarray(0, 5).toString()).toBe('%PDF-');
    expect((await placeOf(codes['first']!)).confirmed_at).not.toBeNull();
  });

  it('gives its place back when the parents decline it or withdraw', async () => {
    await decided(codes['sibling']!, 'confirmation', 'decline');
    expect(await outcomeOf(codes['sibling']!)).toBe('declined');
    await decided(codes['atB']!, 'confirmation', 'decline');
    await an().complete(codes['withdrawn']!, 'withdraw', { reason: 'Chuyển nhà.' });
    expect(await outcomeOf(codes['withdrawn']!)).toBe('withdrawn');
    for (const name of ['sibling', 'atB', 'withdrawn']) expect(await placeOf(codes[name]!)).toBeUndefined();
    await world.pass('20 minutes');
    await expect.poll(() => placeOf(codes['again']!)).toMatchObject({ offer: 'TH-A' });
    await expect.poll(() => world.database.db('places').where({ freed: true })).toEqual([]);
  });

  it('keeps its place while its parents appeal for another school, and after the appeal was dismissed', async () => {
    const { poor } = codes as { poor: string };
    await decided(poor, 'confirmation', 'appeal');
    await an().complete(poor, 'appeal', { school: 'TH-B', grounds: 'Gần chỗ làm của mẹ.' });
    const dismissed = { decision: 'dismiss', reasons: 'Đã được xếp vào nguyện vọng 1.' };
    expect(
      await specialist().request(
        'POST',
        `/api/v1/tasks/${(await leader().task(poor, 'appealDecision')).id}/complete`,
        { answer: dismissed },
      ),
    ).toMatchObject({ status: 403 });
    await leader().complete(poor, 'appealDecision', dismissed);
    await decided(poor, 'confirmationAfterAppeal', 'accept');
    expect(await ended(poor)).toMatchObject({
      outcome: 'admitted',
      documents: [{}, { document: 'appealDecision' }, { document: 'admission' }],
    });
    expect((await placeOf(poor)).offer).toBe('TH-A');
  });

  it('gets no place on appeal that has just come free, for which others wait', async () => {
    const grant = {
      caseCode: codes['unanswered']!,
      offer: 'TH-B',
      extra: false,
      number: 1,
      why: { vi: 'Thử', en: 'Test' },
      told: true,
      at: world.clock.now(),
    };
    const trx = await world.database.db.transaction();
    await trx('places').where({ offer: 'TH-B', case_code: null }).update({ freed: true });
    expect(await grantPlace(trx, grant)).toEqual({ granted: false, why: 'no-place' });
    await trx.rollback();
  });

  it('gets a free place on appeal, or an extra one where the whole committee agrees, above the waiting list', async () => {
    const { unanswered, appeals, tooLate } = codes as Record<'unanswered' | 'appeals' | 'tooLate', string>;
    for (const [code, school] of [
      [unanswered, 'TH-B'],
      [appeals, 'TH-A'],
      [tooLate, 'TH-A'],
    ] as const)
      await an().complete(code, 'appeal', { school, grounds: 'Anh chị học gần đó.' });
    await leader().complete(unanswered, 'appealDecision', { decision: 'place', reasons: 'TH-B còn chỗ.' });
    for (const code of [appeals, tooLate])
      await leader().complete(code, 'appealDecision', { decision: 'extra', reasons: 'Còn sĩ số.' });
    for (const member of committee) {
      await world.as(member).complete(appeals, 'extraPlace', { decision: 'approve' });
      const vote = member === committee[0] ? 'refuse' : 'approve';
      await world.as(member).complete(tooLate, 'extraPlace', { decision: vote });
    }
    await expect.poll(() => placeOf(appeals)).toBeDefined();
    await world.pass('20 minutes');
    await decided(unanswered, 'confirmation', 'accept');
    await decided(appeals, 'confirmation', 'accept');
    expect(await outcomeOf(unanswered)).toBe('admitted');
    expect(await outcomeOf(appeals)).toBe('admitted');
    expect((await placeOf(unanswered)).offer).toBe('TH-B');
    expect(await placeOf(appeals)).toMatchObject({ offer: 'TH-A', number: 4 });
    expect(await placeOf(tooLate)).toBeUndefined();
  });

  it('loses a place that is not confirmed in time to the next one, who has three days', async () => {
    const { again, silent } = codes as { again: string; silent: string };
    expect((await placeOf(again)).offer).toBe('TH-A');
    await campaign.until('confirmBy');
    expect(await outcomeOf(again)).toBe('unconfirmed');
    await world.pass('20 minutes');
    const { id } = await an().task(silent, 'confirmation');
    const { expires_at: until } = await world.database.db('tasks').where({ id }).first();
    expect(until.getTime() - world.clock.now().getTime()).toBeGreaterThan(2 * 86_400_000);
    await campaign.until('givenOnUntil');
    await decided(silent, 'confirmation', 'accept');
    expect(await outcomeOf(silent)).toBe('admitted');
  });

  it('ends without a place, with a notice that says why, when the campaign closes', async () => {
    for (const name of ['moved', 'tooLate']) {
      const { outcome, documents } = await ended(codes[name]!);
      expect(outcome).toBe('not-admitted');
      expect(documents.at(-1)).toMatchObject({ document: 'noPlace' });
    }
  });

  it('has told Temporal of no child, and its record is whole', async () => {
    for (const code of Object.values(codes)) {
      expect(await firstBrokenEntry(world.database.db, code)).toBeUndefined();
      expect(textOf(await clearHistory(world, code))).not.toMatch(/Trần|077[23]\d{8}|Hoa Phượng|Gần chỗ làm/);
    }
  });
});
