import { afterAll, beforeAll, expect, test } from 'vitest';
import { CasePayloadCodec, openCaseKeys } from '../codec/index.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase } from '../testing/light-case.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const base64 = (bytes: Uint8Array | string | null | undefined) => Buffer.from(bytes ?? '').toString('base64');

async function decode(sub: string, payloads: unknown[]) {
  const person = await api.as(sub);
  return person.post('/codec/decode').set('X-Namespace', 'default').send({ payloads });
}

test('a stranger and an officer who is no admin see nothing in clear', async () => {
  const stranger = await api.stranger.post('/codec/decode').send({ payloads: [] });
  expect(stranger.body).toMatchObject({ type: '/problems/not-signed-in' });
  expect((await decode('vungtau.leader', [])).body).toMatchObject({ type: '/problems/wrong-role' });
});

test('what is no payload is refused', async () => {
  const answer = await decode('admin', [{ metadata: {}, data: '%%%' }]);
  expect(answer.body).toMatchObject({
    type: '/problems/invalid-form',
    errors: [{ pointer: '/payloads/0/data' }],
  });
});

test('an admin sees in clear what Temporal keeps encrypted, and the look is logged without the content', async () => {
  const code = await fileCase(api);
  const codec = new CasePayloadCodec(openCaseKeys(api.db, String(api.config.MASTER_KEY)));
  const clear = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"đã duyệt"') };
  const [secret] = await codec.encode([clear], { type: 'workflow', namespace: 'default', workflowId: code });
  const metadata = Object.fromEntries(
    Object.entries(secret?.metadata ?? {}).map(([key, value]) => [key, base64(value)]),
  );
  const answer = await decode('admin', [{ metadata, data: base64(secret?.data) }]);
  expect(answer.body).toEqual({
    payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64('"đã duyệt"') }],
  });
  const line = api.logged
    .map((each) => JSON.parse(each) as { admin?: string })
    .findLast((each) => each.admin);
  expect(line).toMatchObject({ admin: 'admin', payloads: 1, namespace: 'default' });
  expect(api.logged.join()).not.toContain('duyệt');
});
