import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { application, upload } from '../testing/light-case.ts';
import { applicant } from '../testing/street-light.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

async function file(sub: string, body: object, key: string | undefined = randomUUID()) {
  const person = await api.as(sub);
  return person
    .post('/api/v1/applications')
    .set(key ? { 'Idempotency-Key': key } : {})
    .send(body);
}

const filed = async () => Number((await api.db('cases').count<{ count: number }[]>())[0]?.count);

test('a stranger files nothing, nor does an officer', async () => {
  const body = await application(api);
  const stranger = await api.stranger.post('/api/v1/applications').send(body);
  expect(stranger.body).toMatchObject({ type: '/problems/not-signed-in' });
  expect((await file('vungtau.reception', body)).body).toMatchObject({ type: '/problems/wrong-role' });
});

test.each(['', 'short', 'with a space', 'với-dấu'])(
  'without a good Idempotency-Key (%j) nothing is filed',
  async (key) => {
    const an = await api.as('an');
    const body = await application(api);
    const sent = an.post('/api/v1/applications');
    const answer = await (key ? sent.set('Idempotency-Key', Buffer.from(key).toString('latin1')) : sent).send(
      body,
    );
    expect(answer.body).toMatchObject({ type: '/problems/key-missing', status: 400 });
    expect(await filed()).toBe(0);
  },
);

test('every wrong field is pointed to, in plain words', async () => {
  const body = {
    ...(await application(api)),
    applicant: { ...applicant, personalNumber: '12', fullName: '' },
  };
  const answer = await file('an', body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors).toEqual([
    { pointer: '/applicant/fullName', detail: 'Không được để trống' },
    { pointer: '/applicant/personalNumber', detail: 'Nhập đủ 12 chữ số · Enter 12 digits' },
  ]);
});

test('answers are checked by the procedure’s own form; pointers escape what RFC 6901 escapes', async () => {
  const body = { ...(await application(api)), answers: { 'seen/at': 'yesterday' } };
  const answer = await (
    await api.as('an')
  )
    .post('/api/v1/applications')
    .set({ 'Idempotency-Key': randomUUID(), 'Accept-Language': 'en' })
    .send(body);
  expect(answer.body.errors).toEqual([
    { pointer: '/answers/pole', detail: 'This is required' },
    { pointer: '/answers/seen~1at', detail: 'A date such as 2026-07-01' },
  ]);
});

test('a required paper that is missing is named, and a kind that the procedure does not know', async () => {
  const body = await application(api);
  const missing = await file('an', { ...body, papers: [] });
  expect(missing.body).toMatchObject({ type: '/problems/missing-papers', errors: [{ pointer: '/papers' }] });
  const unknown = await file('an', {
    ...body,
    papers: [{ kind: 'toString', upload: body.papers[0]?.upload }],
  });
  expect(unknown.body).toMatchObject({
    type: '/problems/invalid-form',
    errors: [{ pointer: '/papers/0/kind' }],
  });
});

test('somebody else’s upload is no paper of mine', async () => {
  const papers = [{ kind: 'photo', upload: await upload(api, 'binh') }];
  const answer = await file('an', { ...(await application(api)), papers });
  expect(answer.body).toMatchObject({
    type: '/problems/unknown-upload',
    errors: [{ pointer: '/papers/0/upload' }],
  });
  expect(await filed()).toBe(0);
});

test('an unknown procedure or agency is refused', async () => {
  const body = await application(api);
  expect((await file('an', { ...body, procedure: 'x' })).body).toMatchObject({
    errors: [{ pointer: '/procedure' }],
  });
  expect((await file('an', { ...body, agency: 'X99' })).status).toBe(404);
});

test('filing twice with one key files once, and both get the same code', async () => {
  const body = await application(api);
  const key = randomUUID();
  const before = await filed();
  const answers = await Promise.all([file('an', body, key), file('an', body, key)]);
  expect(answers.map((answer) => answer.status)).toEqual([201, 201]);
  expect(answers[0]?.body).toEqual(answers[1]?.body);
  const { code } = answers[0]?.body as { code: string };
  expect(code).toMatch(/^H29\.16-\d{6}-0001$/);
  expect(answers[0]?.headers['location']).toBe(`/api/v1/cases/${code}`);
  expect(await filed()).toBe(before + 1);

  const other = await file('an', { ...body, answers: { pole: 'VT-18' } }, key);
  expect(other.body).toMatchObject({ type: '/problems/key-reused', status: 422 });
});

test('twenty citizens at once get twenty codes without a gap, and what Temporal is told names nobody', async () => {
  const body = await application(api);
  const answers = await Promise.all(Array.from({ length: 20 }, () => file('an', body)));
  const numbers = answers.map(({ body }) => Number((body as { code: string }).code.slice(-4)));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  const outbox = await api.db('outbox').select<{ message: unknown }[]>('message');
  expect(outbox).toHaveLength(21);
  expect(JSON.stringify(outbox)).not.toMatch(/077090990001|Nguyễn|Bình/);
});

test('C1: who files online is answered at once, and the reception is told (Decree 118/2025 Art. 17.2)', async () => {
  const { body } = await file('an', await application(api));
  const notices = api
    .db('notices')
    .where({ case_code: (body as { code: string }).code })
    .orderBy('number');
  expect(await notices.select('notice', 'recipient_sub')).toEqual([
    { notice: 'received', recipient_sub: 'an' },
    { notice: 'received', recipient_sub: 'queue:H29.16:reception' },
  ]);
});
