import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { openPostOffice, type Letter, type PostOffice } from '../embedded/post-office/index.ts';
import { createLogger } from '../log.ts';
import { openMail, type Mail } from '../messaging/mail.ts';
import { messageOf } from '../messaging/messages.ts';
import { openSms } from '../messaging/sms.ts';
import { chooseChannels, noteContact, type Choices } from '../records/contacts.ts';
import { notify } from '../records/notices.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight } from '../testing/filed-case.ts';
import { Courier, type CourierDependencies } from './courier.ts';

const phone = '0901234567';
let database: TestDatabase;
let office: PostOffice;
let mail: Mail;
let deps: CourierDependencies;
let now: Date;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = new Date('2026-11-24T02:00:00Z');
  await database.db.raw('TRUNCATE contacts, deliveries');
  await database.db('notices').whereNull('planned_at').update({ planned_at: now });
  const clock = { now: () => now };
  office = await openPostOffice({ token: 'a token of the gateway', clock });
  const publicUrl = 'https://motcua.example';
  const config = readConfig({
    SMTP_URL: office.smtpUrl,
    SMS_URL: office.smsUrl,
    SMS_TOKEN: 'a token of the gateway',
    PUBLIC_URL: publicUrl,
  });
  mail = openMail(config)!;
  const log = createLogger('test', 'silent');
  deps = { db: database.db, clock, log, publicUrl, mail: mail.send, sms: openSms(config) };
  return async () => {
    mail.close();
    await office.close();
  };
});

/** Files a case and settles what filing tells, so that a story begins with a quiet mailbox. */
async function quietCase(): Promise<string> {
  const code = await fileLight(database.db, now);
  await database.db('notices').where({ case_code: code }).update({ planned_at: now });
  return code;
}

/** Writes a notice to the applicant as its act would. */
async function tell(code: string, notice: string, data: Record<string, unknown> = {}): Promise<void> {
  const { subject, body, template } = messageOf(notice, { code, ...data });
  const texts = { subject: JSON.stringify(subject), body: JSON.stringify(body), template };
  await database
    .db('notices')
    .insert({ case_code: code, notice, number: 1, recipient_sub: 'an', ...texts, at: now });
}

const choose = (choices: Partial<Choices>) =>
  database.db.transaction((trx) =>
    chooseChannels(trx, { sub: 'an' }, { byEmail: null, bySms: null, language: null, ...choices }),
  );
const withMail = () => noteContact(database.db, { sub: 'an', email: 'an@example.vn' });
const round = () => new Courier(deps).round();
const seen = (letters: readonly Letter[]) => letters.map(({ channel, to }) => `${channel} ${to}`);
const deliveries = (code: string) =>
  database
    .db('deliveries')
    .where({ case_code: code })
    .orderBy('made_at')
    .select('channel', 'state', 'attempts', 'failure');

/** Lets a day of vain attempts pass. */
async function aDayOfRounds(): Promise<void> {
  for (let hour = 0; hour < 60; hour += 1) {
    await round();
    now = new Date(now.getTime() + 30 * 60_000);
  }
}

test('who has filed gets one SMS that says which case has arrived and where to read on, and nothing about them', async () => {
  const code = await fileLight(database.db, now);
  await round();
  await round();
  expect(office.letters()).toMatchObject([
    { channel: 'sms', to: phone, text: `Ho so ${code} da den: https://motcua.example/cases/${code}` },
  ]);
  expect(await deliveries(code)).toEqual([{ channel: 'sms', state: 'sent', attempts: 1, failure: null }]);
});

test('who has an e-mail address gets an e-mail in both languages instead, or in their own', async () => {
  await withMail();
  const code = await fileLight(database.db, now);
  await round();
  const [first] = office.letters();
  expect(first).toMatchObject({
    channel: 'email',
    to: 'an@example.vn',
    subject: `Hồ sơ ${code} đã đến · Case ${code} has arrived`,
  });
  expect(first?.text).toContain(`https://motcua.example/cases/${code}`);
  expect(first?.text.indexOf('Hệ thống đã nhận hồ sơ')).toBeLessThan(
    first?.text.indexOf('The application has arrived') ?? -1,
  );
  await choose({ language: 'en' });
  const next = await fileLight(database.db, now);
  await round();
  const [second] = office.letters();
  expect(second).toMatchObject({ subject: `Case ${next} has arrived` });
  expect(second?.text).not.toContain('Hệ thống');
});

test('who wants to be left alone is, but not where their rights are at stake', async () => {
  await withMail();
  await choose({ byEmail: false, bySms: false });
  const code = await quietCase();
  await database.db.transaction((trx) =>
    notify(trx, { code, notice: 'transferred', to: ['an'], number: 7, at: now }),
  );
  await round();
  expect(office.letters()).toEqual([]);
  await tell(code, 'stopped', { outcome: 'closed' });
  await round();
  expect(seen(office.letters())).toEqual(['email an@example.vn']);
});

test('who wants both gets both', async () => {
  await withMail();
  await choose({ byEmail: true, bySms: true });
  await fileLight(database.db, now);
  await round();
  expect(seen(office.letters()).sort()).toEqual(['email an@example.vn', `sms ${phone}`]);
});

test('what is for the queue of an agency is read on the pages', async () => {
  const code = await quietCase();
  const to = ['queue:H29.16:reception', 'vungtau.specialist'];
  await noteContact(database.db, { sub: 'vungtau.specialist', email: 'khoa@vungtau.example' });
  await database.db.transaction((trx) =>
    notify(trx, { code, notice: 'transferred', to, number: 3, at: now }),
  );
  await round();
  expect(seen(office.letters())).toEqual(['email khoa@vungtau.example']);
});

describe('a provider in trouble', () => {
  test('is asked again later, ever more rarely, and the message goes once it is back', async () => {
    office.refuse('sms', 503);
    const code = await fileLight(database.db, now);
    await round();
    await round();
    const failure = 'the SMS gateway answers 503';
    expect(await deliveries(code)).toEqual([{ channel: 'sms', state: 'queued', attempts: 1, failure }]);
    now = new Date(now.getTime() + 30_000);
    await round();
    now = new Date(now.getTime() + 30_000);
    await round();
    expect(await deliveries(code)).toEqual([{ channel: 'sms', state: 'queued', attempts: 2, failure }]);
    office.refuse('sms', undefined);
    now = new Date(now.getTime() + 30_000);
    await round();
    expect(await deliveries(code)).toEqual([{ channel: 'sms', state: 'sent', attempts: 3, failure: null }]);
    expect(office.letters()).toHaveLength(1);
  });

  test('for a day means that a legal notice goes another way', async () => {
    await withMail();
    office.refuse('email', 451);
    const code = await quietCase();
    await tell(code, 'stopped', { outcome: 'closed' });
    await aDayOfRounds();
    expect(await deliveries(code)).toMatchObject([
      { channel: 'email', state: 'failed', failure: 'the mail server answers 451' },
      { channel: 'sms', state: 'sent' },
    ]);
    expect(seen(office.letters())).toEqual([`sms ${phone}`]);
  });

  test('that knows no such mailbox is not asked again', async () => {
    await withMail();
    office.refuse('email', 550);
    const code = await quietCase();
    await tell(code, 'stopped', { outcome: 'closed' });
    await round();
    expect(await deliveries(code)).toMatchObject([
      { channel: 'email', state: 'failed', attempts: 1, failure: 'the mail server answers 550' },
      { channel: 'sms', state: 'sent' },
    ]);
  });

  test('does not hear twice what a courier sent just before it died', async () => {
    const code = await fileLight(database.db, now);
    const { sms } = deps;
    const dying = new Courier({
      ...deps,
      sms: async (message) => {
        await sms?.(message);
        await database.db.raw(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()",
        );
        throw new Error('killed');
      },
    });
    await dying.round().catch(() => undefined);
    expect(await deliveries(code)).toMatchObject([{ state: 'queued', attempts: 0 }]);
    await round();
    expect(await deliveries(code)).toMatchObject([{ state: 'sent', attempts: 1 }]);
    expect(office.letters()).toHaveLength(1);
  });
});

test('an installation without a channel plans nothing on it, and notices stay readable on the pages', async () => {
  const code = await fileLight(database.db, now);
  await new Courier({ ...deps, sms: undefined }).round();
  expect(await deliveries(code)).toEqual([]);
  expect(await database.db('notices').where({ case_code: code }).whereNull('planned_at')).toEqual([]);
});
