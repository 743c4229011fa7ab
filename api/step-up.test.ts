import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { samplePin } from '../embedded/identity-pages.ts';
import { sampleAcr } from '../embedded/samples.ts';
import { enterDocument } from '../records/documents.ts';
import { fileCase, openTask } from '../testing/light-case.ts';
import { startSignInApi, type Browser, type SignInApi } from '../testing/sign-in.ts';
import { files, streetLight } from '../testing/street-light.ts';
import { signs } from './step-up.ts';

let api: SignInApi;
let code: string;
let task: string;
const seconds = () => Math.floor(Date.now() / 1000);
const specialist = 'vungtau.specialist';

beforeAll(async () => {
  api = await startSignInApi({ OIDC_STEP_UP_ACR: sampleAcr, OIDC_STEP_UP_MAX_AGE: '300' });
});
afterAll(() => api.stop());
beforeEach(async () => {
  code = await fileCase(api);
  task = await openTask(api, code, {});
});

/** A request of somebody whose token says how and when they signed in. */
async function send(method: 'get' | 'post', path: string, sub: string, proof: object, body?: object) {
  const token = await api.token(sub, { ...proof });
  const request = supertest(api.url)[method](path).auth(token, { type: 'bearer' });
  return body ? request.set('Idempotency-Key', randomUUID()).send(body) : request;
}
const strong = () => ({ acr: sampleAcr, auth_time: seconds() });
const sign = (sub: string, proof: object) =>
  send('post', `/api/v1/tasks/${task}/complete`, sub, proof, { answer: { repaired: true } });

describe('a task by which somebody signs', () => {
  test.each([
    ['too weakly', () => ({ acr: 'password', auth_time: seconds() })],
    ['without saying how', () => ({ auth_time: seconds() })],
    ['too long ago', () => ({ acr: sampleAcr, auth_time: seconds() - 301 })],
    ['without saying when', () => ({ acr: sampleAcr, auth_time: undefined })],
  ])(
    'is not completed by whoever signed in %s, and programs are told what to ask for',
    async (_how, proof) => {
      const refused = await sign(specialist, proof());
      expect([refused.status, refused.body]).toMatchObject([403, { type: '/problems/step-up-needed' }]);
      expect(refused.headers['www-authenticate']).toBe(
        'Bearer error="insufficient_user_authentication", ' +
          'error_description="A signature needs a fresh authentication", ' +
          `acr_values="${sampleAcr}", max_age="300"`,
      );
      expect((await api.db('tasks').where({ id: task }).first('state')).state).toBe('open');
    },
  );

  test('is refused to who may not perform it for that reason, however they signed in', async () => {
    const refused = await sign('vungtau.clerk', { acr: 'password', auth_time: seconds() });
    expect(refused.body).toMatchObject({ type: '/problems/wrong-role' });
  });

  test('is completed after a fresh and strong sign-in', async () => {
    expect((await sign(specialist, strong())).status).toBe(200);
  });

  test('is shown as allowed after a step-up, and as simply allowed when it is done', async () => {
    const weak = { acr: 'password', auth_time: seconds() };
    const complete = async (proof: object) => {
      const { body } = await send('get', `/api/v1/cases/${code}/actions`, specialist, proof);
      const items = body.items as { act: string; allowed: boolean; stepUp?: true }[];
      const { allowed, stepUp } = items.find(({ act }) => act === 'complete')!;
      return { allowed, stepUp };
    };
    expect(await complete(weak)).toEqual({ allowed: true, stepUp: true });
    expect(await complete(strong())).toEqual({ allowed: true });
    const may = async (proof: object) =>
      (await send('get', `/api/v1/tasks/${task}`, specialist, proof)).body.may as object;
    expect(await may(weak)).toEqual({ complete: true, stepUp: true });
    expect(await may(strong())).toEqual({ complete: true });
  });

  test('asks nothing more of what signs nothing: claiming it, or tasks of other kinds', async () => {
    const weak = await api.token(specialist, { acr: 'password' });
    await supertest(api.url)
      .put(`/api/v1/tasks/${task}/claim`)
      .auth(weak, { type: 'bearer' })
      .set('Idempotency-Key', randomUUID())
      .expect(200);
    expect(signs(streetLight, 'withdraw')).toBe(false);
    expect(signs(streetLight, 'repair')).toBe(true);
    expect(['signCorrection', 'extend'].every((name) => signs(streetLight, name))).toBe(true);
  });
});

test('many signatures at once ask for the same, and for nothing when they are only claimed', async () => {
  const bulk = (proof: object, body: object) =>
    send('post', '/api/v1/bulk', specialist, proof, { tasks: [task], ...body });
  const weak = { acr: 'password', auth_time: seconds() };
  const complete = { act: 'complete', answer: { repaired: true } };
  expect((await bulk(weak, complete)).body).toMatchObject({ type: '/problems/step-up-needed' });
  expect((await bulk(weak, { act: 'claim' })).status).toBe(202);
  expect((await bulk(strong(), complete)).status).toBe(202);
});

test('revoking a result asks for it too, after the policy has had its say', async () => {
  const id = randomUUID();
  await enterDocument(
    api.db,
    { caseCode: code, document: 'report', number: 1 },
    {
      id,
      ...(await api.objects.put(files.pdf)),
      registerNumber: `${id.slice(0, 8)}/BB-UBND`,
      title: { vi: 'Biên bản', en: 'Report' },
      signers: [{ name: 'Vũ Thanh Sơn', title: 'Chủ tịch', capacity: 'person' }],
      data: {},
      at: new Date('2026-11-23T02:00:00Z'),
    },
  );
  const revoke = (sub: string, proof: object) =>
    send('post', `/api/v1/documents/${id}/acts`, sub, proof, { act: 'revoke', reason: 'Cấp sai' });
  const weak = { acr: 'password', auth_time: seconds() };
  expect((await revoke('vungtau.clerk', weak)).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await revoke('vungtau.leader', weak)).body).toMatchObject({ type: '/problems/step-up-needed' });
  expect(await api.db('document_acts').where({ document: id })).toEqual([]);
  expect((await revoke('vungtau.leader', strong())).status).toBe(202);
});

describe('in a browser', () => {
  const me = async (browser: Browser) => (await browser.get('/api/v1/me')).body as Record<string, unknown>;
  const secrets = () => api.db('sessions').where({ sub: specialist }).pluck<string[]>('sid');

  /** Goes for the step-up and fills in what the provider asks; gives where the browser lands. */
  async function stepUp(browser: Browser, person: string, pin = samplePin) {
    const page = await browser.get('/signin/step-up?return=/api/v1/me').redirects(5);
    const confirm = new URL(String(page.redirects.at(-1))).pathname;
    return browser.post(confirm).type('form').send({ person, pin }).redirects(5);
  }

  test('a stranger signs in first and then goes on to it', async () => {
    const answer = await api.stranger.get('/signin/step-up?return=/x');
    expect(answer.headers['location']).toBe('/signin?return=%2Fsignin%2Fstep-up%3Freturn%3D%252Fx');
  });

  test('the provider is asked for the same person, now and strongly', async () => {
    const { browser } = await api.signedIn(specialist);
    const { headers } = await browser.get('/signin/step-up?return=/').expect(302);
    expect(Object.fromEntries(new URL(String(headers['location'])).searchParams)).toMatchObject({
      prompt: 'login',
      login_hint: specialist,
      max_age: '300',
      acr_values: sampleAcr,
      code_challenge_method: 'S256',
    });
  });

  test('another person who comes back is refused, and nothing changes', async () => {
    const { browser } = await api.signedIn(specialist);
    const refused = await stepUp(browser, 'vungtau.leader');
    expect(refused.body).toMatchObject({ type: '/problems/step-up-needed' });
    expect(refused.body.detail).toContain('Somebody else');
    expect(await me(browser)).toMatchObject({ sub: specialist, stepUp: { fresh: false } });
  });

  test('a wrong PIN leads back to the question', async () => {
    const { browser } = await api.signedIn(specialist);
    const asked = await stepUp(browser, specialist, '000000');
    expect([asked.status, asked.text]).toMatchObject([422, expect.stringContaining('That is not the PIN.')]);
    expect(await me(browser)).toMatchObject({ stepUp: { fresh: false } });
  });

  test('the same person lands where they were, may sign for a time, and has a new session id', async () => {
    const { browser } = await api.signedIn(specialist);
    const before = await secrets();
    const { session } = await me(browser);
    const landed = await stepUp(browser, specialist);
    const after = await secrets();
    expect(landed.redirects.at(-1)).toBe(`${api.url}/api/v1/me`);
    expect(landed.body).toMatchObject({ sub: specialist, stepUp: { fresh: true }, session });
    const gone = before.filter((secret) => !after.includes(secret));
    expect(gone).toHaveLength(1);
    const signed = await browser
      .post(`/api/v1/tasks/${task}/complete`)
      .set({ Origin: api.url, 'Idempotency-Key': randomUUID() })
      .send({ answer: { repaired: true } });
    expect(signed.status).toBe(200);
  });
});

test('where no strength is configured, a sign-in of the last minutes does', async () => {
  const url = await api.beside({ config: { ...api.config, OIDC_STEP_UP_ACR: undefined } });
  const complete = async (authTime: number) =>
    (
      await fetch(`${url}/api/v1/tasks/${task}/complete`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await api.token(specialist, { auth_time: authTime })}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({ answer: { repaired: true } }),
      })
    ).status;
  expect(await complete(seconds() - 301)).toBe(403);
  expect(await complete(seconds() - 200)).toBe(200);
});
