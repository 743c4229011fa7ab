import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { openPostOffice, type PostOffice } from '../embedded/post-office/index.ts';
import { openSms } from '../messaging/sms.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, openRepair } from '../testing/light-case.ts';
import { applicant } from '../testing/street-light.ts';

let office: PostOffice;
let api: TestApi;
let code: string;
let now: Date;
const clock = { now: () => now };
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

beforeAll(async () => {
  now = new Date('2026-11-24T02:00:00Z');
  office = await openPostOffice({ token: 'a token of the gateway', clock });
  const sms = openSms(readConfig({ SMS_URL: office.smsUrl, SMS_TOKEN: 'a token of the gateway' }));
  api = await startApi({ clock, sms });
});
afterAll(async () => {
  await api.stop();
  await office.close();
});
beforeEach(async () => {
  now = new Date('2026-11-24T02:00:00Z');
  office.refuse('sms', undefined);
  await api.db('rate_limits').delete();
  code = await fileCase(api);
});

const ask = (about = code) => api.stranger.post('/api/v1/phone-codes').send({ case: about });
const open = (digits: string, about = code) =>
  api.stranger.post('/api/v1/phone-codes/verify').send({ case: about, code: digits });
const read = (token: string, about = code) =>
  api.stranger.get(`/api/v1/tracking/${about}`).set('Tracking-Token', token);

/** The codes for a case that have arrived, the latest first. */
const arrived = (about = code) =>
  office
    .letters()
    .filter(({ text }) => text.includes(about))
    .map(({ text }) => /^\d{6}/.exec(text)![0]);

/** Asks for a code and reads it on the phone. */
async function onPhone(about = code): Promise<string> {
  const before = arrived(about).length;
  await ask(about).expect(202);
  await expect.poll(() => arrived(about).length).toBe(before + 1);
  return arrived(about)[0]!;
}

const another = (digits: string) => String((Number(digits) + 1) % 1_000_000).padStart(6, '0');

async function expectRefused(answer: PromiseLike<{ status: number; body: unknown }>, kind: string) {
  const { status, body } = await answer;
  expect([status, body]).toEqual([status, expect.objectContaining({ type: `/problems/${kind}` })]);
  expect(status).toBeGreaterThanOrEqual(400);
}

describe('nobody follows a case', () => {
  test('without a token, with a made-up one, or with a bearer token of somebody else', async () => {
    await expectRefused(api.stranger.get(`/api/v1/tracking/${code}`), 'not-yours');
    await expectRefused(read('made up'), 'not-yours');
    await expectRefused(read(await api.token('binh')), 'not-yours');
  });

  test('with a wrong code, or with the code of another case', async () => {
    const other = await fileCase(api);
    const digits = await onPhone();
    await expectRefused(open(another(digits)), 'wrong-code');
    await expectRefused(open(digits, other), 'wrong-code');
    await expectRefused(open(digits, 'H29.16-261124-9999'), 'wrong-code');
  });

  test('by guessing: after five tries the right code does not count either', async () => {
    const digits = await onPhone();
    for (let tries = 0; tries < 5; tries++) await expectRefused(open(another(digits)), 'wrong-code');
    await expectRefused(open(digits), 'wrong-code');
  });

  test('with a code that is older than ten minutes, or than the one after it', async () => {
    const first = await onPhone();
    const second = await onPhone();
    if (first !== second) await expectRefused(open(first), 'wrong-code');
    now = minutes(10);
    await expectRefused(open(second), 'wrong-code');
  });

  test('with a code that was used, also when two come at the same moment', async () => {
    const digits = await onPhone();
    const both = await Promise.all([open(digits), open(digits)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
    await expectRefused(open(digits), 'wrong-code');
  });

  test('of which the token does not speak, nor half an hour later', async () => {
    const other = await fileCase(api);
    const { token } = (await open(await onPhone()).expect(200)).body as { token: string };
    await expectRefused(read(token, other), 'not-yours');
    await read(token).expect(200);
    now = minutes(31);
    await expectRefused(read(token), 'not-yours');
  });
});

test('the answer to a stranger does not tell whether there is such a case', async () => {
  const [there, nowhere] = [await ask(), await ask('H29.16-261124-9999')];
  expect([there.status, there.text]).toEqual([202, '']);
  expect([nowhere.status, nowhere.text]).toEqual([202, '']);
  await expect.poll(() => arrived().length).toBe(1);
  expect(arrived('H29.16-261124-9999')).toEqual([]);
});

test('a phone is not rung all day: three codes in ten minutes, ten in a day', async () => {
  const unknown = `H29.16-261124-${String(Date.now()).slice(-6)}`;
  for (const about of [code, unknown]) {
    for (let sent = 0; sent < 3; sent++) await ask(about).expect(202);
    await expectRefused(ask(about), 'too-many-requests');
  }
  for (let round = 0; round < 2; round++) {
    now = minutes(11);
    for (let sent = 0; sent < 3; sent++) await ask().expect(202);
  }
  now = minutes(11);
  // A try that was refused counts for the ten minutes, not for the day.
  await ask().expect(202);
  now = minutes(11);
  await expectRefused(ask(), 'too-many-requests');
});

test('the code leads to where the case stands, in plain words and without anybody’s data', async () => {
  await openRepair(api, code, new Date('2026-11-27T10:00:00Z'));
  const opened = await open(await onPhone(), code.toLowerCase()).expect(200);
  const { token, until } = opened.body as { token: string; until: string };
  expect(until).toBe('2026-11-24T02:30:00.000Z');
  const { body, text } = await read(token).expect(200);
  expect(body).toMatchObject({
    code,
    procedure: { title: { vi: 'Báo hỏng đèn đường' } },
    next: [{ task: 'repair', role: 'specialist', deadline: '2026-11-27T10:00:00.000Z' }],
    timeline: [{ text: { vi: 'Nộp hồ sơ trực tuyến', en: 'Handed in online' }, milestone: true }],
  });
  for (const secret of [applicant.fullName, applicant.phone, 'VT-17', 'Trần Thị Bình'])
    expect(text).not.toContain(secret);
});

test('a gateway in trouble is told to the operator, without the phone and the code', async () => {
  office.refuse('sms', 503);
  await ask().expect(202);
  const told = () => api.logged.filter((line) => line.includes('phone code not sent'));
  await expect.poll(() => told().length).toBe(1);
  expect(told()[0]).toContain('the SMS gateway answers 503');
  expect(told()[0]).not.toContain(applicant.phone);
});

test('where no SMS can be sent, that is said at once', async () => {
  const url = await api.beside({ sms: undefined });
  const answer = await fetch(`${url}/api/v1/phone-codes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ case: code }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    409,
    expect.objectContaining({ type: '/problems/not-offered' }),
  ]);
});

test('what is kept does not give the code away', async () => {
  const digits = await onPhone();
  const rows = JSON.stringify(await api.db('phone_codes').where({ case_code: code }));
  expect(rows).not.toContain(digits);
  await open('12ab56').expect(422);
});
