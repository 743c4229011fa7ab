import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight, masterKey } from '../testing/filed-case.ts';
import { CasePayloadCodec, openCaseKeys } from './index.ts';
import { NoCaseKeyError } from './payload-codec.ts';

const monday = new Date('2026-11-23T02:00:00Z');
const answers = { fullName: 'Nguyễn Văn An', personalNumber: '077090990001', pole: 'VT-17' };
const payloads = (...values: unknown[]): Payload[] =>
  values.map((value) => defaultPayloadConverter.toPayload(value));
const values = (decoded: Payload[]): unknown[] =>
  decoded.map((payload) => defaultPayloadConverter.fromPayload(payload));
const of = (workflowId: string) => ({ type: 'workflow' as const, namespace: 'default', workflowId });
/** A codec of a process that starts now: it remembers no key. */
const codec = () => new CasePayloadCodec(openCaseKeys(database.db, masterKey));

let database: TestDatabase;
let code: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  code = await fileLight(database.db, monday);
});

test.each([
  ['that is no case', of('H29.16-261123-9999')],
  ['that nobody named', undefined],
])('nothing is encoded for a workflow %s', async (_which, context) => {
  await expect(codec().encode(payloads(answers), context)).rejects.toThrow(NoCaseKeyError);
});

test('an error of a workflow that nobody named is withheld, neither told in clear nor the end of the worker', async () => {
  const error = { message: 'Nguyễn Văn An không có thửa đất', stack_trace: 'Error: Nguyễn Văn An' };
  const [kept] = await codec().encode(payloads(error), undefined);
  expect(values([kept!])).toEqual([{ message: 'withheld: see the log of the worker', stack_trace: '' }]);
  await expect(codec().encode(payloads(error, answers), undefined)).rejects.toThrow(NoCaseKeyError);
});

test('what one process encodes, another one reads', async () => {
  const encoded = await codec().encode(payloads(answers, 'Ý kiến: đồng ý', undefined), of(code));
  expect(values(await codec().decode(encoded))).toEqual([answers, 'Ý kiến: đồng ý', undefined]);
});

test('what Temporal keeps shows the case it belongs to and nothing of what it says', async () => {
  const encoded = await codec().encode(payloads(answers), of(code));
  const kept = encoded.map(({ data, metadata }) =>
    [data, ...Object.values(metadata ?? {})].map((bytes) => Buffer.from(bytes ?? []).toString()).join(' '),
  );
  expect(kept.join()).toContain(code);
  for (const secret of [...Object.values(answers), 'Nguyễn', 'fullName', 'json/plain'])
    expect(kept.join()).not.toContain(secret);
});

test('the same answers look different each time', async () => {
  const [first, second] = await codec().encode(payloads(answers, answers), of(code));
  expect(first?.data).not.toEqual(second?.data);
});

test('the key of another case opens nothing, even under that case’s name', async () => {
  const other = await fileLight(database.db, monday);
  const [encoded] = await codec().encode(payloads(answers), of(code));
  const metadata = { ...encoded?.metadata, 'encryption-key-id': new TextEncoder().encode(other) };
  await expect(codec().decode([{ ...encoded, metadata }])).rejects.toThrow();
});

test('the key of a case opens nothing that was moved there from another case', async () => {
  const other = await fileLight(database.db, monday);
  const [encoded] = await codec().encode(payloads(answers), of(code));
  const rows = database.db('case_keys');
  const { wrapped_key } = await rows.clone().where({ case_code: code }).first('wrapped_key');
  await rows.clone().where({ case_code: other }).update({ wrapped_key });
  const metadata = { ...encoded?.metadata, 'encryption-key-id': new TextEncoder().encode(other) };
  await expect(codec().decode([{ ...encoded, metadata }])).rejects.toThrow();
});

test('one changed byte is noticed', async () => {
  const [encoded] = await codec().encode(payloads(answers), of(code));
  const data = Buffer.from(encoded?.data ?? []);
  data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1);
  await expect(codec().decode([{ ...encoded, data }])).rejects.toThrow();
});

test('where the key of a case was destroyed, a word stands instead of an error', async () => {
  const encoded = await codec().encode(payloads(answers, 1), of(code));
  await database.db('case_keys').where({ case_code: code }).delete();
  expect(values(await codec().decode(encoded))).toEqual(['[đã xóa · erased]', '[đã xóa · erased]']);
  await expect(codec().encode(payloads(answers), of(code))).rejects.toThrow(NoCaseKeyError);
});

test('the database keeps no key that could be used without the master key', async () => {
  const encoded = await codec().encode(payloads(answers), of(code));
  const stranger = openCaseKeys(database.db, Buffer.alloc(32, 8).toString('base64'));
  await expect(new CasePayloadCodec(stranger).decode(encoded)).rejects.toThrow();
});

test('what was never encrypted passes as it is', async () => {
  const plain = payloads('plain');
  expect(await codec().decode(plain)).toEqual(plain);
});
