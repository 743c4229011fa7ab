import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { files } from '../testing/street-light.ts';
import { largestFile } from './uploads.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

test('a stranger hands in nothing', async () => {
  const answer = await api.stranger.post('/api/v1/uploads').attach('file', files.pdf, 'a.pdf');
  expect(answer.body).toMatchObject({ type: '/problems/not-signed-in' });
});

test('a program that calls itself a PDF is refused, and not kept', async () => {
  const an = await api.as('an');
  const program = Buffer.from('#!/bin/sh\necho %PDF-1.7\n');
  const answer = await an
    .post('/api/v1/uploads')
    .attach('file', program, { filename: 'a.pdf', contentType: 'application/pdf' });
  expect(answer.body).toMatchObject({ type: '/problems/wrong-file-type', status: 415 });
  expect(await readdir(api.objects.quarantine)).toEqual([]);
});

test('a file over 20 MB is refused, and not kept', async () => {
  const an = await api.as('an');
  const large = Buffer.concat([files.pdf, Buffer.alloc(largestFile)]);
  const answer = await an.post('/api/v1/uploads').attach('file', large, 'large.pdf');
  expect(answer.body).toMatchObject({ type: '/problems/file-too-large', status: 413 });
  expect(await readdir(api.objects.quarantine)).toEqual([]);
});

test.each([
  ['no file', 'other', 'invalid-request'],
  ['another field', 'photo', 'invalid-request'],
])('a body with %s is refused', async (_what, field, problem) => {
  const an = await api.as('an');
  const sent = an.post('/api/v1/uploads');
  const answer = await (field === 'photo' ? sent.attach(field, files.png, 'a.png') : sent.field(field, 'x'));
  expect(answer.body).toMatchObject({ type: `/problems/${problem}`, status: 400 });
});

test.each([
  ['pdf', 'application/pdf'],
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
] as const)('a %s is kept by its hash and comes back as it was', async (kind, mediaType) => {
  const an = await api.as('an');
  const kept = await an.post('/api/v1/uploads').attach('file', files[kind], 'Bản vẽ số 1.dat').expect(201);
  const sha256 = createHash('sha256').update(files[kind]).digest('hex');
  expect(kept.body).toMatchObject({
    sha256,
    mediaType,
    size: files[kind].length,
    fileName: 'Bản vẽ số 1.dat',
  });

  const back = await an.get(String(kept.headers['location'])).buffer(true).expect(200);
  expect(back.headers).toMatchObject({
    'content-type': mediaType,
    'content-disposition': expect.stringContaining(`filename*=UTF-8''B%E1%BA%A3n`),
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  });
  expect(
    createHash('sha256')
      .update(back.body as Buffer)
      .digest('hex'),
  ).toBe(sha256);
});

test('a name with folders and control characters is made plain', async () => {
  const an = await api.as('an');
  const kept = await an.post('/api/v1/uploads').attach('file', files.png, '..\\..\\a\u202Eb.png');
  expect(kept.body).toMatchObject({ fileName: 'ab.png' });
});

test('another citizen’s file is not shown, nor one that does not exist', async () => {
  const an = await api.as('an');
  const kept = await an.post('/api/v1/uploads').attach('file', files.png, 'a.png').expect(201);
  const binh = await api.as('binh');
  expect((await binh.get(String(kept.headers['location']))).body).toMatchObject({
    type: '/problems/not-yours',
  });
  const unknown = await an.get('/api/v1/uploads/00000000-0000-4000-8000-000000000000/content');
  expect(unknown.body).toMatchObject({ type: '/problems/not-found' });
  expect((await an.get('/api/v1/uploads/1/content')).body).toMatchObject({
    type: '/problems/invalid-request',
  });
});

test('after 200 files in a day a person must wait', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    owner_sub: 'binh',
    sha256: '',
    size: 0,
    media_type: 'image/png',
    file_name: 'a.png',
    created_at: api.clock.now(),
  }));
  await api.db('uploads').insert(rows);
  const binh = await api.as('binh');
  const answer = await binh.post('/api/v1/uploads').attach('file', files.png, 'a.png');
  expect(answer.body).toMatchObject({ type: '/problems/too-many-requests', status: 429 });
});
