import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { claimNames, vouchedBy } from './claims.ts';
import { issuerOf } from './identity.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('a bearer token', () => {
  test('nobody sees cases without one', async () => {
    const answer = await api.stranger.get('/api/v1/cases');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body).toMatchObject({
      type: '/problems/not-signed-in',
      title: 'Chưa đăng nhập',
      status: 401,
    });
  });

  test.each([
    ['of another audience', { aud: 'another' }],
    ['of another issuer', { iss: 'http://127.0.0.1:9/other' }],
    ['that has expired', { exp: Math.floor(Date.now() / 1000) - 120 }],
  ])('%s signs nobody in', async (_which, claims) => {
    const answer = await api.stranger
      .get('/api/v1/cases')
      .auth(await api.token('an', claims), { type: 'bearer' });
    expect(answer.status).toBe(401);
  });

  test.each(['none', 'HS256'])('with the algorithm %s signs nobody in', async (alg) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [, claims] = (await api.token('admin')).split('.');
    const answer = await api.stranger
      .get('/api/v1/cases')
      .auth(`${part({ alg, kid: 'test' })}.${claims}.${part('x')}`, { type: 'bearer' });
    expect(answer.status).toBe(401);
  });

  test('that is right shows a citizen their own cases', async () => {
    const answer = await api.stranger.get('/api/v1/cases').auth(await api.token('an'), { type: 'bearer' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ items: [] });
  });

  test('while the identity provider is away nobody is told that their token is bad', async () => {
    const away = await api.beside({ identity: issuerOf(api.config) });
    const answer = await fetch(`${away}/api/v1/cases`, {
      headers: { authorization: `Bearer ${await api.token('an')}` },
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  test('is verified by the keys that the issuer publishes, asked for once', async () => {
    const asked: string[] = [];
    const provider = createServer((req, res) => {
      asked.push(String(req.url));
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(req.url === '/keys' ? { keys: [] } : { issuer: url, jwks_uri: `${url}/keys` }));
    });
    await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const identity = issuerOf(readConfig({ OIDC_ISSUER: url }));
    const token = await api.token('an', { iss: url });
    await expect(identity.verify(token)).rejects.toMatchObject({ type: 'not-signed-in' });
    await expect(identity.verify(token)).rejects.toMatchObject({ type: 'not-signed-in' });
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    provider.close();
  });
});

const actorOf = (claims: unknown) => vouchedBy(claims)?.actor;

describe('claims', () => {
  test('roles that Motcua does not know are dropped', () => {
    const claims = { sub: 'x', name: 'X', roles: ['head', 'emperor'], agency: 'H29.16', title: 'Head' };
    expect(actorOf(claims)).toEqual({
      sub: 'x',
      name: 'X',
      roles: ['head'],
      agency: 'H29.16',
      title: 'Head',
    });
  });

  test('claims without a subject name nobody', () => {
    expect(actorOf({ name: 'X', roles: ['admin'] })).toBeUndefined();
  });

  test('roles that are no list are no roles', () => {
    expect(actorOf({ sub: 'x', roles: 'admin' })?.roles).toEqual([]);
  });

  describe('that are called otherwise', () => {
    /** What Keycloak says of an officer who has confirmed with a one-time code. */
    const keycloak = {
      exp: 1795660200,
      iat: 1795659900,
      auth_time: 1795659899,
      iss: 'https://id.example/realms/motcua',
      aud: 'motcua-web',
      sub: '7f6d2c3a-8a0e-4bb5-9d5f-0c5a6f1b2e11',
      typ: 'ID',
      sid: '5a1e7c2e-1d2b-4a4e-8d7f-1f0f4f0c9a10',
      acr: 'otp',
      realm_access: { roles: ['offline_access', 'lanh-dao'] },
      resource_access: { motcua: { roles: ['clerk'] }, account: { roles: ['admin'] } },
      name: 'Vũ Thanh Sơn',
      preferred_username: 'vungtau.leader',
      'https://tinh.example/co-quan': 'H29.16',
      chuc_vu: 'Chủ tịch',
      email: 'son@vungtau.example',
      phone_number: '+84 901 234 567',
    };
    const names = (given: object) => claimNames({ OIDC_CLAIMS: JSON.stringify(given) });

    test('are read from where the configuration says, also from inside others', () => {
      const given = {
        roles: 'resource_access.motcua.roles',
        agency: 'https://tinh.example/co-quan',
        title: ['title', 'chuc_vu'],
      };
      expect(vouchedBy(keycloak, names(given))).toEqual({
        actor: {
          sub: keycloak.sub,
          name: 'Vũ Thanh Sơn',
          roles: ['clerk'],
          agency: 'H29.16',
          title: 'Chủ tịch',
        },
        proof: { acr: 'otp', at: 1795659899 },
        login: 'vungtau.leader',
        contact: { email: 'son@vungtau.example', phone: '0901234567' },
        sid: keycloak.sid,
      });
    });

    test('make roles of the provider Motcua’s, and then no other name counts', () => {
      const given = {
        roles: ['realm_access.roles', 'resource_access.motcua.roles', 'resource_access.account.roles'],
        roleNames: { 'lanh-dao': 'leader' },
      };
      expect(vouchedBy(keycloak, names(given))?.actor.roles).toEqual(['leader']);
    });

    test('make nobody anything where they are not as configured', () => {
      const odd = { sub: 'x', roles: { length: 1 }, realm_access: 'admin', constructor: ['admin'] };
      for (const path of ['roles', 'realm_access.roles', 'constructor.name', '__proto__.roles', 'length'])
        expect(vouchedBy(odd, names({ roles: path }))?.actor.roles).toEqual([]);
      const mapped = names({ roleNames: { a: 'head' } });
      expect(vouchedBy({ sub: 'x', roles: ['constructor', 'head'] }, mapped)?.actor.roles).toEqual([]);
    });

    test.each([
      ['{ "rolls": "x" }', ': Unrecognized key: "rolls"'],
      ['{ "roleNames": { "boss": "emperor" } }', ' at roleNames.boss: '],
      ['{ nonsense', ': '],
    ])('are refused at start when they are written as %s', (given, place) => {
      expect(() => claimNames({ OIDC_CLAIMS: given })).toThrow(`OIDC_CLAIMS is wrong${place}`);
    });
  });
});
