import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enterDocument } from '../records/documents.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase } from '../testing/light-case.ts';
import { files } from '../testing/street-light.ts';

let api: TestApi;
let code: string;
const id = randomUUID();
beforeAll(async () => {
  api = await startApi();
  code = await fileCase(api);
  const object = await api.objects.put(files.pdf);
  await enterDocument(
    api.db,
    { caseCode: code, document: 'report', number: 1 },
    {
      id,
      ...object,
      registerNumber: '15/BB-UBND',
      title: { vi: 'Biên bản sửa <đèn>', en: 'Report of repair' },
      signers: [{ name: 'Vũ Thanh Sơn', title: 'Chủ tịch', capacity: 'person' }],
      at: new Date('2026-11-23T02:00:00Z'),
    },
  );
});
afterAll(() => api.stop());

test('a stranger, another citizen and an officer of another ward do not get the document', async () => {
  const path = `/api/v1/documents/${id}`;
  expect((await api.stranger.get(path)).status).toBe(401);
  expect((await (await api.as('binh')).get(path)).body).toMatchObject({ type: '/problems/not-yours' });
  const other = await (await api.as('tamthang.leader')).get(path);
  expect(other.body).toMatchObject({ type: '/problems/wrong-agency' });
});

test.each(['an', 'vungtau.clerk', 'admin'])('%s opens it in the browser, as it was signed', async (sub) => {
  const answer = await (await api.as(sub)).get(`/api/v1/documents/${id}`).buffer(true).expect(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': 'inline; filename=15-BB-UBND.pdf',
    'cache-control': 'private, no-store',
  });
  expect((answer.body as Buffer).equals(files.pdf)).toBe(true);
});

test('anybody hears that a document which was not issued here is not genuine', async () => {
  const other = randomUUID();
  expect((await api.stranger.get(`/api/v1/verify/${other}`)).status).toBe(404);
  for (const path of [`/verify/${other}`, '/verify/1']) {
    const page = await api.stranger.get(path);
    expect(page.status).toBe(404);
    expect(page.text).toContain('Hệ thống không phát hành văn bản này');
  }
});

test('anybody verifies a document by its id or its file, and learns nothing of the applicant', async () => {
  const byId = await api.stranger.get(`/api/v1/verify/${id}`).expect(200);
  const byFile = await api.stranger
    .post('/api/v1/verify')
    .attach('file', files.pdf, 'any name.pdf')
    .expect(200);
  const { genuine, ...document } = byId.body as Record<string, unknown>;
  expect(genuine).toBe(true);
  expect(byFile.body).toEqual({ verdict: 'genuine', document, signatures: [] });
  expect(byId.body).toMatchObject({
    genuine: true,
    registerNumber: '15/BB-UBND',
    issuedAt: '2026-11-23T02:00:00.000Z',
    agency: { code: 'H29.16' },
    signers: [{ name: 'Vũ Thanh Sơn', title: 'Chủ tịch', capacity: 'person' }],
  });
  expect(JSON.stringify(byId.body)).not.toContain(code);
});

test('the page behind the QR code says it in both languages, and needs no script', async () => {
  const page = await api.stranger.get(`/verify/${id}`).expect(200);
  expect(page.text).toContain('<html lang="vi"');
  expect(page.text).toContain('Biên bản sửa &lt;đèn&gt;');
  expect(page.text).toContain('23/11/2026');
  expect(page.text).not.toContain('<script>');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  const english = await api.stranger.get(`/verify/${id}?lang=en`).expect(200);
  expect(english.text).toContain('This document is genuine');
  expect(english.text).toContain('Report of repair');
});

test('anybody reads the schema of what is attached to a document; one that does not exist is not there', async () => {
  const { body } = await api.stranger.get('/schemas/decision/1').expect(200);
  expect(body).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    properties: { schema: { const: 'motcua/decision/1' } },
    required: expect.arrayContaining(['id', 'case', 'document', 'answers', 'findings']) as string[],
  });
  for (const path of ['/schemas/decision/2', '/schemas/__proto__/1'])
    expect((await api.stranger.get(path)).status).toBe(404);
});
