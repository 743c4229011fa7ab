import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../activities/documents/pdf-text.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { verify } from '../records/signatures.ts';
import { openCardOffice, type CardOffice } from './health-cards.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let office: CardOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openCardOffice(world);
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

/** The words of a document, wherever its lines break. */
const wordsOf = async (id: string) =>
  (await textOf((await office.citizen().get(`/api/v1/documents/${id}`)).body as Buffer)).replace(/\s+/g, ' ');
const verified = async (id: string) => (await office.citizen().get(`/api/v1/verify/${id}`)).body;
const page = async (id: string) => (await fetch(`${world.url}/verify/${id}?lang=vi`)).text();
const noticesOf = (code: string, notice: string) =>
  world.database.db('notices').where({ case_code: code, notice }).select('recipient_sub', 'subject');

describe('a result that its agency revokes', () => {
  it('may be revoked by nobody but who leads the agency, and not one’s own', async () => {
    const { id, code } = await office.card();
    const refusals = {
      an: 'same-person',
      binh: 'not-yours',
      'vungtau.leader': 'wrong-agency',
      'insurance.officer': 'wrong-role',
    };
    for (const [sub, type] of Object.entries(refusals))
      expect((await office.ask(sub, id, { act: 'revoke' })).body, sub).toMatchObject({
        type: `/problems/${type}`,
      });
    const [letter] = await office.listed(code, 'form-01');
    expect((await office.ask('insurance.leader', letter!.id, { act: 'revoke' })).body).toMatchObject({
      type: '/problems/not-found',
    });
    expect((await office.ask('insurance.leader', id, { act: 'revoke', reason: ' ' })).body).toMatchObject({
      errors: [{ pointer: '/reason' }],
    });
    expect((await office.citizen().get(`/api/v1/documents/${id}/acts`)).body).toEqual({ items: [] });
  });

  it('is out of force from then on, by a signed decision; its holder is told, and everybody can see it', async () => {
    const { id, code, registerNumber } = await office.card();
    expect(await verified(id)).toMatchObject({ inForce: true, revokedBy: null });
    const basis = 'Luật Bảo hiểm y tế, Điều 20';
    const act = { act: 'revoke', reason: 'Cấp trùng với thẻ đã có.', basis };
    const notice = await office.issued(id, await office.ask('insurance.leader', id, act));

    const [decision] = await office.listed(code, 'revocation');
    expect(decision).toMatchObject({ id: notice, registerNumber: expect.stringMatching(/^\d{2}\/QĐ-/) });
    const words = await wordsOf(notice);
    for (const word of [registerNumber, 'Cấp trùng với thẻ đã có.', basis, 'Lâm Hoàng Phúc'])
      expect(words).toContain(word);
    expect(await verified(id)).toMatchObject({ genuine: true, inForce: false, revokedBy: notice });
    expect(await page(id)).toContain('Văn bản thật, nhưng không còn hiệu lực');
    expect(await page(id)).toContain(`/verify/${notice}`);
    expect(await noticesOf(code, 'revoked')).toMatchObject([{ recipient_sub: 'an' }]);
    expect(await firstBrokenEntry(world.database.db, code)).toBeUndefined();

    for (const again of ['revoke', 'reissue', 'copy'])
      expect((await office.ask('insurance.leader', id, { act: again })).body).toMatchObject({
        type: '/problems/out-of-force',
      });
    expect((await office.citizen().get(`/api/v1/documents/${id}/credential`)).body).toMatchObject({
      type: '/problems/out-of-force',
    });
  });
});

describe('an act on a result that is carried out again, as after a kill', () => {
  it('issues one decision, and tells its holder once', async () => {
    const { id, code } = await office.card();
    const notice = await office.issued(id, await office.ask('insurance.leader', id, { act: 'revoke' }));
    const acts = world.database.db('document_acts').where({ document: id });
    const [act] = await acts.clone().select('id');
    await world.client.workflow.getHandle(`document-act:${act.id}`).result();
    await acts.clone().update({ started_at: null });
    await expect.poll(async () => (await acts.clone().whereNull('started_at')).length).toBe(0);
    await world.client.workflow.getHandle(`document-act:${act.id}`).result();
    expect(await office.listed(code, 'revocation')).toMatchObject([{ id: notice }]);
    expect(await noticesOf(code, 'revoked')).toHaveLength(1);
  });
});

describe('a result that was lost', () => {
  it('is issued again under a new number, and the one before is out of force', async () => {
    const { id, code, registerNumber } = await office.card();
    const [one, other] = await Promise.all([
      office.ask('insurance.leader', id, { act: 'reissue' }),
      office.ask('insurance.leader', id, { act: 'reissue' }),
    ]);
    // Two at once: one of them comes too late.
    const [asked, late] = one.status === 202 ? [one, other] : [other, one];
    expect(late.body).toMatchObject({ type: '/problems/out-of-force' });
    const again = await office.issued(id, asked);
    const [first, second] = await office.listed(code, 'card');
    expect(first).toMatchObject({ id, registerNumber, supersededBy: again });
    expect(second).toMatchObject({ id: again, supersededBy: null, validUntil: first!.validUntil });
    expect(second!.registerNumber).not.toBe(registerNumber);
    expect(await wordsOf(again)).toContain(
      `Cấp lại, thay thế văn bản số ${registerNumber.replace('/', '/ ')}`,
    );
    expect(await noticesOf(code, 'reissued')).toHaveLength(1);
  });
});

describe('a certified copy of a result', () => {
  it('shows the original with its number and who signed it, under a number and signatures of its own', async () => {
    const { id, code, registerNumber } = await office.card();
    const copy = await office.issued(id, await office.ask('insurance.officer', id, { act: 'copy' }));
    const words = await wordsOf(copy);
    for (const word of [
      'BẢN SAO TỪ SỔ GỐC',
      'THẺ BẢO HIỂM Y TẾ',
      registerNumber,
      'Lâm Hoàng Phúc',
      'Đoàn Thị Vân',
    ])
      expect(words).toContain(word);
    expect(await verified(copy)).toMatchObject({
      title: { vi: 'Bản sao: Thẻ bảo hiểm y tế' },
      registerNumber: expect.stringMatching(/^\d{2}\/BS-/),
      signers: [{ name: 'Đoàn Thị Vân' }, { capacity: 'agency' }],
    });
    expect(await verified(id)).toMatchObject({ inForce: true });
    expect(await noticesOf(code, 'copied')).toHaveLength(1);
    // Copies end nothing, so there may be many.
    await office.issued(id, await office.ask('insurance.leader', id, { act: 'copy' }));
    expect(await office.listed(code, 'certified-copy')).toHaveLength(2);
  });
});

describe('a result for somebody who reads English', () => {
  it('is extracted in English on demand, for those who may read it, under the seal and with the way to the original', async () => {
    const { id, registerNumber } = await office.card();
    const path = `/api/v1/documents/${id}/english`;
    expect((await world.as('binh').get(path)).status).toBe(403);
    const { body } = await office.citizen().get(path);
    const words = (await textOf(body as Buffer)).replace(/\s+/g, ' ');
    for (const word of [
      'EXTRACT IN ENGLISH',
      'Health-insurance card',
      registerNumber,
      'Full name',
      'Nguyễn Văn An',
      'Name of the child',
    ])
      expect(words).toContain(word);
    expect(verify(body as Buffer)).toMatchObject([{ valid: true }, { kind: 'timestamp', valid: true }]);
  });
});

describe('a dozen results that a leader signs at once', () => {
  it('take one authorisation; the report tells how far it is, and each is numbered, signed and delivered once', async () => {
    const filed = Array.from({ length: 12 }, async (_, child) => {
      const childName = `Nguyễn Lê Minh Châu ${'ABCDEFGHIJKL'[child]}`;
      const code = await office.accepted({ childName });
      return { code, task: (await office.leader().task(code, 'approval')).id };
    });
    const cases = await Promise.all(filed);
    const answer = { decision: 'approve' };
    const tasks = cases.map(({ task }) => task);
    const { body } = await office
      .leader()
      .request('POST', '/api/v1/bulk', { act: 'complete', answer, tasks });
    const report = async () => (await office.leader().get(`/api/v1/bulk/${body.id}`)).body.counts;
    expect(await report()).toEqual({ waiting: 12, done: 0, refused: 0 });
    await world.bulk.drain();
    expect(await report()).toEqual({ waiting: 0, done: 12, refused: 0 });
    const cards = await Promise.all(
      cases.map(async ({ code }) => {
        await office.officer().complete(code, 'registration', { registered: true });
        await office.closed(code);
        return office.listed(code, 'card');
      }),
    );
    expect(cards.map(({ length }) => length)).toEqual(Array(12).fill(1));
    const numbers = cards.map(([card]) => parseInt(card!.registerNumber, 10)).sort((a, b) => a - b);
    expect(numbers.at(-1)! - numbers[0]!).toBe(11);
    expect(new Set(numbers).size).toBe(12);
  });
});

// Last, as years go by.
describe('a result that is not issued for good', () => {
  it('reminds its holder once, 30 days before its last day, and is out of force after it', async () => {
    const { id, code, validUntil } = await office.card();
    const born = office.daysAgo(40);
    const sixth = `${Number(born.slice(0, 4)) + 6}${born.slice(4)}`;
    const schoolYear = `${sixth.slice(0, 4)}-09-30`;
    expect(validUntil).toBe(sixth > schoolYear ? sixth : schoolYear);
    const day = (before: number) => new Date(Date.parse(`${validUntil}T02:00:00Z`) - before * 86_400_000);
    const reminded = async () => (await noticesOf(code, 'expiring')).length;
    await world.passUntil(day(31));
    await world.jobs.round();
    expect(await reminded()).toBe(0);
    await world.passUntil(day(30));
    await world.jobs.round();
    await world.jobs.round();
    expect(await reminded()).toBe(1);
    await world.passUntil(day(0));
    expect(await verified(id)).toMatchObject({ inForce: true, validUntil });
    await world.passUntil(day(-1));
    expect(await verified(id)).toMatchObject({ inForce: false, revokedBy: null, supersededBy: null });
    expect(await page(id)).toContain('đã hết hạn ngày');
  });
});
