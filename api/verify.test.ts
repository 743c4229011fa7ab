import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { enterDocument, supersede } from '../records/documents.ts';
import { forgedText } from '../scripts/validate/forgeries.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase } from '../testing/light-case.ts';
import { sampleId, signSample, type SignedSample } from '../testing/signed-sample.ts';
import { files } from '../testing/street-light.ts';

let sample: SignedSample;
let api: TestApi;
let code: string;
const newer = randomUUID();

const issue = async (id: string, number: number, pdf: Uint8Array) =>
  enterDocument(
    api.db,
    { caseCode: code, document: 'permit', number },
    {
      id,
      ...(await api.objects.put(pdf)),
      registerNumber: `${number}/GPXD-UBND`,
      title: { vi: 'Giấy phép xây dựng', en: 'Construction permit' },
      signers: [
        { name: 'Vũ Thanh Sơn', title: 'Chủ tịch', capacity: 'person' },
        { name: 'UBND phường Vũng Tàu', title: '', capacity: 'agency' },
      ],
      at: sample.signedAt,
    },
  );

beforeAll(async () => {
  sample = await signSample();
  api = await startApi({}, () => Promise.resolve({ TRUST_ANCHORS: join(sample.folder, 'root.pem') }));
  code = await fileCase(api);
  await issue(sampleId, 1, sample.archived);
  await issue(newer, 2, files.pdf);
});
afterAll(async () => {
  await api.stop();
  await sample.close();
});

const send = async (file: Uint8Array, path = '/api/v1/verify') =>
  api.stranger.post(path).attach('file', Buffer.from(file), 'x.pdf');
const flipped = () => {
  const file = Buffer.from(sample.archived);
  file[2000]! ^= 1;
  return file;
};
const foreign = () => {
  const text = Buffer.from(sample.plain).toString('latin1').replaceAll(sampleId, randomUUID());
  return Buffer.from(text, 'latin1');
};

describe('anybody hands in a file', () => {
  test.each([
    ['the file as it is kept', () => sample.archived, 'genuine', 'Văn bản thật, nguyên vẹn'],
    [
      'the file from before it was completed for the archive',
      () => sample.plain,
      'earlier',
      'bản phát hành trước',
    ],
    [
      'the file with a timestamp that another archive added',
      () => sample.renewed,
      'continued',
      'bổ sung để lưu trữ',
    ],
    [
      'the file with text over its first page',
      () => forgedText(sample.archived),
      'changed-after-signing',
      'Đã bị sửa sau khi ký',
    ],
    ['the file with one other byte', flipped, 'altered', 'Đã bị sửa'],
    ['the file cut off in the middle', () => sample.archived.subarray(0, 90_000), 'altered', 'Đã bị sửa'],
    ['a file that somebody else issued', foreign, 'unknown', 'Không do hệ thống này phát hành'],
    ['no PDF at all', () => Buffer.from('hello'), 'unsigned', 'Không có chữ ký số'],
  ])('%s: the machine and the page say what it is', async (_, file, verdict, words) => {
    const { body } = await send(file());
    expect(body).toMatchObject({ verdict });
    const about = ['unknown', 'unsigned'].includes(verdict)
      ? null
      : { id: sampleId, registerNumber: '1/GPXD-UBND' };
    expect((body as { document: unknown }).document).toEqual(about && expect.objectContaining(about));
    expect(JSON.stringify(body)).not.toContain(code);
    const page = await send(file(), '/verify?lang=vi');
    expect(page.text).toContain(words);
    expect(page.text).not.toContain('<script>');
    expect(page.headers['cache-control']).toBe('private, no-store');
  });

  test('who signed in which capacity, and when a trusted authority says that it existed', async () => {
    const { body } = await send(sample.archived);
    const at = sample.signedAt.toISOString();
    expect((body as { signatures: unknown }).signatures).toMatchObject([
      {
        kind: 'signature',
        name: 'Vũ Thanh Sơn',
        at,
        valid: true,
        trusted: true,
        added: 'archive',
        stamped: { at, trusted: true },
      },
      { kind: 'signature', name: 'UBND phường Vũng Tàu', valid: true, trusted: true, added: 'archive' },
      { kind: 'timestamp', name: null, valid: true, trusted: true, added: 'archive' },
      { kind: 'timestamp', name: null, valid: true, trusted: true, added: 'nothing' },
    ]);
    const english = await send(sample.archived, '/verify?lang=en');
    expect(english.text).toContain('Genuine and unchanged');
    expect(english.text).toMatch(/Vũ Thanh Sơn<\/strong>\s*<span class="line">Chủ tịch/);
    expect(english.text).toContain('Seal of the agency');
    expect(english.text).toMatch(/Existed by <time datetime="2026-12-01T07:15:00.000Z">/);
  });

  test('a document that was replaced is said to be so, and leads to the newer one', async () => {
    await supersede(api.db, sampleId, newer);
    expect((await send(sample.archived)).body).toMatchObject({ document: { supersededBy: newer } });
    const page = await send(sample.archived, '/verify?lang=en');
    expect(page.text).toMatch(new RegExp(`No longer: it was replaced</strong>, <a href="/verify/${newer}"`));
  });

  test('nothing of it is kept', async () => {
    const { readdir } = await import('node:fs/promises');
    await send(sample.archived);
    expect(await readdir(api.objects.quarantine)).toEqual([]);
  });
});

describe('somebody uses the page with nothing right', () => {
  test('it can be read without a document, in both languages', async () => {
    const page = await api.stranger.get('/verify').expect(200);
    expect(page.text).toContain('Văn bản này có thật không?');
    expect((await api.stranger.get('/verify?lang=en')).text).toContain('Is this document genuine?');
  });

  test('no file: asked for one on the page', async () => {
    const page = await api.stranger
      .post('/verify?lang=en')
      .field({})
      .set('Content-Type', 'multipart/form-data; boundary=x')
      .send('--x--\r\n');
    expect(page.status).toBe(400);
    expect(page.text).toContain('Choose a PDF file.');
  });

  test('a file over 20 MB: told so on the page', async () => {
    const page = await send(Buffer.alloc(21 * 1024 * 1024), '/verify?lang=en');
    expect(page.status).toBe(413);
    expect(page.text).toContain('larger than 20 MB');
  });
});
