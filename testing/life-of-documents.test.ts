import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../activities/documents/pdf-text.ts';
import { decisionOf } from '../records/decision-of.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { openBirthOffice, sampleChild, type BirthOffice } from './births.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let office: BirthOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openBirthOffice(world);
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const officer = () => world.as('insurance.officer');
const leader = () => world.as('insurance.leader');

interface Listed {
  id: string;
  document: string;
  registerNumber: string;
  supersededBy: string | null;
  revokedBy: string | null;
  validUntil: string | null;
}

/** A child's health card, delivered. */
async function card(): Promise<Listed & { code: string }> {
  const application = sampleChild('9.000047', 'G18.16', { childDob: office.daysAgo(40) });
  const code = await citizen().file('samples/linked-birth', application);
  await officer().complete(code, 'acceptance', { decision: 'accept' });
  await leader().complete(code, 'approval', { decision: 'approve' });
  await officer().complete(code, 'registration', { registered: true });
  await office.closed(code);
  return { ...(await listed(code, 'card'))[0]!, code };
}

const listed = async (code: string, name: string) =>
  ((await citizen().get(`/api/v1/cases/${code}`)).body.documents as Listed[]).filter(
    ({ document }) => document === name,
  );
const ask = (by: string, id: string, act: object) =>
  world
    .as(by)
    .request('POST', `/api/v1/documents/${id}/acts`, { reason: 'Theo đề nghị của người được cấp.', ...act });
/** The words of a document, wherever its lines break. */
const wordsOf = async (id: string) =>
  (await textOf((await citizen().get(`/api/v1/documents/${id}`)).body as Buffer)).replace(/\s+/g, ' ');
const verified = async (id: string) => (await citizen().get(`/api/v1/verify/${id}`)).body;
const page = async (id: string) => (await fetch(`${world.url}/verify/${id}?lang=vi`)).text();
const noticesOf = (code: string, notice: string) =>
  world.database.db('notices').where({ case_code: code, notice }).select('recipient_sub', 'subject');

/** Waits for the document that comes of an act. */
async function issued(document: string, asked: { status: number; body: unknown }): Promise<string> {
  expect(asked.status).toBe(202);
  const { id } = asked.body as { id: string };
  const patience = Date.now() + 20_000;
  for (;;) {
    const { items } = (await citizen().get(`/api/v1/documents/${document}/acts`)).body;
    const act = (items as { id: string; issued: string | null }[]).find((each) => each.id === id);
    if (act?.issued) return act.issued;
    if (Date.now() > patience) throw new Error(`nothing came of ${JSON.stringify(act)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

describe('a result that its agency revokes', () => {
  it('may be revoked by nobody but who leads the agency, and not one’s own', async () => {
    const { id, code } = await card();
    const refusals = {
      an: 'same-person',
      binh: 'not-yours',
      'vungtau.leader': 'wrong-agency',
      'insurance.officer': 'wrong-role',
    };
    for (const [sub, type] of Object.entries(refusals))
      expect((await ask(sub, id, { act: 'revoke' })).body, sub).toMatchObject({ type: `/problems/${type}` });
    const [letter] = await listed(code, 'form-01');
    expect((await ask('insurance.leader', letter!.id, { act: 'revoke' })).body).toMatchObject({
      type: '/problems/not-found',
    });
    expect((await ask('insurance.leader', id, { act: 'revoke', reason: ' ' })).body).toMatchObject({
      errors: [{ pointer: '/reason' }],
    });
    expect((await citizen().get(`/api/v1/documents/${id}/acts`)).body).toEqual({ items: [] });
  });

  it('is out of force from then on, by a signed decision; its holder is told, and everybody can see it', async () => {
    const { id, code, registerNumber } = await card();
    expect(await verified(id)).toMatchObject({ inForce: true, revokedBy: null });
    const basis = 'Luật Bảo hiểm y tế, Điều 20';
    const act = { act: 'revoke', reason: 'Cấp trùng với thẻ đã có.', basis };
    const notice = await issued(id, await ask('insurance.leader', id, act));

    const [decision] = await listed(code, 'revocation');
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
      expect((await ask('insurance.leader', id, { act: again })).body).toMatchObject({
        type: '/problems/out-of-force',
      });
    expect((await citizen().get(`/api/v1/documents/${id}/credential`)).body).toMatchObject({
      type: '/problems/out-of-force',
    });
  });
});

describe('a result that was lost', () => {
  it('is issued again under a new number, and the one before is out of force', async () => {
    const { id, code, registerNumber } = await card();
    const [one, other] = await Promise.all([
      ask('insurance.leader', id, { act: 'reissue' }),
      ask('insurance.leader', id, { act: 'reissue' }),
    ]);
    // Two at once: one of them comes too late.
    const [asked, late] = one.status === 202 ? [one, other] : [other, one];
    expect(late.body).toMatchObject({ type: '/problems/out-of-force' });
    const again = await issued(id, asked);
    const [first, second] = await listed(code, 'card');
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
    const { id, code, registerNumber } = await card();
    const copy = await issued(id, await ask('insurance.officer', id, { act: 'copy' }));
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
    await issued(id, await ask('insurance.leader', id, { act: 'copy' }));
    expect(await listed(code, 'certified-copy')).toHaveLength(2);
  });
});

describe('a dozen results that a leader signs at once', () => {
  it('take one authorisation; the report tells how far it is, and each is numbered, signed and delivered once', async () => {
    const filed = Array.from({ length: 12 }, async (_, child) => {
      const answers = {
        childDob: office.daysAgo(40),
        childName: `Nguyễn Lê Minh Châu ${'ABCDEFGHIJKL'[child]}`,
      };
      const code = await citizen().file('samples/linked-birth', sampleChild('9.000047', 'G18.16', answers));
      await officer().complete(code, 'acceptance', { decision: 'accept' });
      return { code, task: (await leader().task(code, 'approval')).id };
    });
    const cases = await Promise.all(filed);
    const answer = { decision: 'approve' };
    const tasks = cases.map(({ task }) => task);
    const { body } = await leader().request('POST', '/api/v1/bulk', { act: 'complete', answer, tasks });
    const report = async () => (await leader().get(`/api/v1/bulk/${body.id}`)).body.counts;
    expect(await report()).toEqual({ waiting: 12, done: 0, refused: 0 });
    await world.bulk.drain();
    expect(await report()).toEqual({ waiting: 0, done: 12, refused: 0 });
    const cards = await Promise.all(
      cases.map(async ({ code }) => {
        await officer().complete(code, 'registration', { registered: true });
        await office.closed(code);
        return listed(code, 'card');
      }),
    );
    expect(cards.map(({ length }) => length)).toEqual(Array(12).fill(1));
    const numbers = cards.map(([card]) => parseInt(card!.registerNumber, 10)).sort((a, b) => a - b);
    expect(numbers.at(-1)! - numbers[0]!).toBe(11);
    expect(new Set(numbers).size).toBe(12);
  });
});

describe('a result as a verifiable credential', () => {
  const keys = async () =>
    createLocalJWKSet((await (await fetch(`${world.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet);
  const statusOf = async ({ status }: ReturnType<typeof decodeJwt>) => {
    const { uri, idx } = (status as { status_list: { uri: string; idx: number } }).status_list;
    const list = await fetch(uri);
    expect(list.headers.get('content-type')).toContain('application/statuslist+jwt');
    const { payload, protectedHeader } = await compactVerify(await list.text(), await keys());
    expect(protectedHeader.typ).toBe('statuslist+jwt');
    const { sub, status_list: found } = JSON.parse(Buffer.from(payload).toString());
    expect(sub).toBe(uri);
    return (inflateSync(Buffer.from(found.lst, 'base64url'))[idx >> 3]! >> (idx & 7)) & 1;
  };

  it('is given to nobody but whom it was issued to', async () => {
    const { id, code } = await card();
    for (const sub of ['binh', 'insurance.leader', 'admin'])
      expect((await world.as(sub).get(`/api/v1/documents/${id}/credential`)).body, sub).toMatchObject({
        type: '/problems/not-yours',
      });
    const [letter] = await listed(code, 'form-01');
    expect((await citizen().get(`/api/v1/documents/${letter!.id}/credential`)).body).toMatchObject({
      type: '/problems/not-found',
    });
  });

  it('says what the document says, each claim about people only where its holder shows it', async () => {
    const { id, registerNumber } = await card();
    const credential = (await citizen().get(`/api/v1/documents/${id}/credential`)).body.toString() as string;
    const [jwt = '', ...disclosures] = credential.split('~');
    expect(disclosures.pop()).toBe('');
    const { payload, protectedHeader } = await compactVerify(jwt, await keys());
    expect(protectedHeader).toMatchObject({ typ: 'dc+sd-jwt', alg: 'ES256' });
    const claims = JSON.parse(Buffer.from(payload).toString());
    expect(claims).toMatchObject({
      iss: world.url,
      document: id,
      number: registerNumber,
      title: 'Thẻ bảo hiểm y tế',
    });
    expect(Buffer.from(payload).toString()).not.toMatch(/An|077|Minh Châu/);

    const decision = await decisionOf((await citizen().get(`/api/v1/documents/${id}`)).body as Buffer);
    const shown: Record<string, unknown> = {};
    for (const disclosure of disclosures) {
      const [salt, name, value] = JSON.parse(Buffer.from(disclosure, 'base64url').toString());
      expect(Buffer.from(salt, 'base64url')).toHaveLength(16);
      const digest = createHash('sha256').update(disclosure).digest('base64url');
      const [claim] = ['applicant', 'answers', 'findings'].filter((each) =>
        claims[each]._sd.includes(digest),
      );
      shown[`${claim}/${name}`] = value;
    }
    const said = ['applicant', 'answers', 'findings'] as const;
    const expected = said.flatMap((claim) =>
      Object.entries(decision[claim]).map(([name, value]) => [`${claim}/${name}`, value]),
    );
    expect(shown).toEqual(Object.fromEntries(expected));
    expect(new Set(disclosures).size).toBe(disclosures.length);

    const type = (await (await fetch(claims.vct)).json()) as { vct: string; claims: { path: string[] }[] };
    expect(type.vct).toBe(claims.vct);
    expect(type.claims.map(({ path }) => path.join('/'))).toContain('answers/childName');
    const known = (await (await fetch(`${world.url}/.well-known/jwt-vc-issuer`)).json()) as object;
    expect(known).toEqual({ issuer: claims.iss, jwks_uri: `${world.url}/.well-known/jwks.json` });
    expect(decodeProtectedHeader(jwt).kid).toBe(protectedHeader.kid);
  });

  it('ends with its document, and its status tells so when that is revoked', async () => {
    const { id, validUntil } = await card();
    const credential = (await citizen().get(`/api/v1/documents/${id}/credential`)).body.toString() as string;
    const claims = decodeJwt(credential.split('~', 1)[0]!);
    expect(new Date(claims.exp! * 1000).toISOString()).toBe(`${validUntil}T17:00:00.000Z`);
    expect(await statusOf(claims)).toBe(0);
    await issued(id, await ask('insurance.leader', id, { act: 'revoke' }));
    expect(await statusOf(claims)).toBe(1);
  });

  it('has a list of statuses only where there are documents', async () => {
    expect((await fetch(`${world.url}/status-lists/999999`)).status).toBe(404);
    expect((await fetch(`${world.url}/status-lists/-1`)).status).toBe(400);
    expect((await fetch(`${world.url}/credentials/childHealthCard/none`)).status).toBe(404);
  });
});

// Last, as years go by.
describe('a result that is not issued for good', () => {
  it('reminds its holder once, 30 days before its last day, and is out of force after it', async () => {
    const { id, code, validUntil } = await card();
    const born = office.daysAgo(40);
    expect(validUntil).toBe(`${Number(born.slice(0, 4)) + 6}${born.slice(4)}`);
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
