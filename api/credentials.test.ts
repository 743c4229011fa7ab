import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attachedDecision } from '../records/attached-decision.ts';
import { openCardOffice, type CardOffice } from '../testing/health-cards.ts';
import { openWorld, type World } from '../testing/world.ts';

let world: World;
let office: CardOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openCardOffice(world);
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

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
    const { id, code } = await office.card();
    for (const sub of ['binh', 'insurance.leader', 'admin'])
      expect((await world.as(sub).get(`/api/v1/documents/${id}/credential`)).body, sub).toMatchObject({
        type: '/problems/not-yours',
      });
    const [letter] = await office.listed(code, 'form-01');
    expect((await office.citizen().get(`/api/v1/documents/${letter!.id}/credential`)).body).toMatchObject({
      type: '/problems/not-found',
    });
  });

  it('says what the document says, each claim about people only where its holder shows it', async () => {
    const { id, registerNumber } = await office.card();
    const credential = (
      await office.citizen().get(`/api/v1/documents/${id}/credential`)
    ).body.toString() as string;
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
    const plain = JSON.stringify(claims).replaceAll(/"[\w-]{43}"/g, '"a digest"');
    expect(plain).not.toMatch(/An|077|Minh Châu/);

    const decision = await attachedDecision(
      (await office.citizen().get(`/api/v1/documents/${id}`)).body as Buffer,
    );
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
    const { id, validUntil } = await office.card();
    const credential = (
      await office.citizen().get(`/api/v1/documents/${id}/credential`)
    ).body.toString() as string;
    const claims = decodeJwt(credential.split('~', 1)[0]!);
    expect(new Date(claims.exp! * 1000).toISOString()).toBe(`${validUntil}T17:00:00.000Z`);
    expect(await statusOf(claims)).toBe(0);
    await office.issued(id, await office.ask('insurance.leader', id, { act: 'revoke' }));
    expect(await statusOf(claims)).toBe(1);
  });

  it('has a list of statuses only where there are documents', async () => {
    expect((await fetch(`${world.url}/status-lists/999999`)).status).toBe(404);
    expect((await fetch(`${world.url}/status-lists/-1`)).status).toBe(400);
    expect((await fetch(`${world.url}/credentials/childHealthCard/none`)).status).toBe(404);
  });
});
