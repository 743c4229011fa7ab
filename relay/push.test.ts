import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { openPostOffice, type PostOffice } from '../embedded/post-office/index.ts';
import { createLogger } from '../log.ts';
import { openMail, type Mail } from '../messaging/mail.ts';
import { messageOf } from '../messaging/messages.ts';
import { openPush } from '../messaging/push.ts';
import { openSms } from '../messaging/sms.ts';
import { noteContact } from '../records/contacts.ts';
import { subscribeBrowser } from '../records/push-subscriptions.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight } from '../testing/filed-case.ts';
import { openPushService, type PushService } from '../testing/push-service.ts';
import { Courier } from './courier.ts';

let database: TestDatabase;
let office: PostOffice;
let service: PushService;
let mail: Mail;
let courier: Courier;
let now: Date;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = new Date('2026-11-24T02:00:00Z');
  await database.db.raw('TRUNCATE contacts, deliveries, push_subscriptions');
  const clock = { now: () => now };
  [service, office] = await Promise.all([
    openPushService(),
    openPostOffice({ token: 'a token of ours', clock }),
  ]);
  const config = readConfig({
    SMTP_URL: office.smtpUrl,
    SMS_URL: office.smsUrl,
    SMS_TOKEN: 'a token of ours',
    PUBLIC_URL: 'https://motcua.example',
    MAIL_FROM: 'Một cửa <so@vt.vn>',
    WEB_PUSH_KEY: Buffer.alloc(32, 9).toString('base64'),
  });
  mail = openMail(config)!;
  const { publicUrl } = config;
  const ports = { mail: mail.send, sms: openSms(config), push: openPush(config) };
  courier = new Courier({ db: database.db, clock, log: createLogger('test', 'silent'), publicUrl, ...ports });
  return async () => {
    mail.close();
    await Promise.all([office.close(), service.close()]);
  };
});

const round = () => courier.round();
const subscribed = async () => {
  const browser = service.browser();
  const agent = { family: 'Firefox', system: 'Android' };
  await database.db.transaction((trx) =>
    subscribeBrowser(trx, 'an', { ...browser.subscription, browser: agent }, now),
  );
  return browser;
};
const pushed = (code: string) => database.db('deliveries').where({ case_code: code, channel: 'push' });

test('what is pushed comes beside the letter, can be read by that browser only, and names the case and nobody', async () => {
  const phone = await subscribed();
  const laptop = await subscribed();
  const code = await fileLight(database.db, now);
  await round();
  await round();
  const [delivery] = await pushed(code);
  const body = `Hồ sơ ${code} đã đến`;
  const notice = { title: 'Một cửa', body, path: `/cases/${code}`, tag: delivery.id };
  expect(phone.shown).toEqual([notice]);
  expect(laptop.shown).toEqual([notice]);
  expect(delivery).toMatchObject({ state: 'sent', reference: '2/2' });
  expect(office.letters()).toHaveLength(1);
  expect(service.sender()).toMatchObject({
    claims: { sub: 'mailto:so@vt.vn', aud: expect.stringMatching(/^http:..127.0.0.1/) },
    topic: delivery.id.replaceAll('-', ''),
    ttl: '86400',
  });
});

test('a browser that its owner has reset is forgotten, and the others go on', async () => {
  const phone = await subscribed();
  const gone = { ...service.browser().subscription, endpoint: `${phone.subscription.endpoint}gone` };
  await database.db.transaction((trx) =>
    subscribeBrowser(trx, 'an', { ...gone, browser: { family: '', system: '' } }, now),
  );
  const code = await fileLight(database.db, now);
  await round();
  expect(phone.shown).toHaveLength(1);
  expect(await pushed(code)).toMatchObject([{ state: 'sent', reference: '1/2' }]);
  expect(await database.db('push_subscriptions').select('endpoint')).toEqual([
    { endpoint: phone.subscription.endpoint },
  ]);
});

test('while the push service is down it is tried again', async () => {
  const phone = await subscribed();
  service.refuse(503);
  const code = await fileLight(database.db, now);
  await round();
  const failure = 'the push service answers 503';
  expect(await pushed(code)).toMatchObject([{ state: 'queued', attempts: 1, failure }]);
  service.refuse(undefined);
  now = new Date(now.getTime() + 30_000);
  await round();
  expect(phone.shown).toHaveLength(1);
});

test('what is pushed does not stand for the letter that the law wants', async () => {
  await subscribed();
  await noteContact(database.db, { sub: 'an', email: 'an@example.vn' });
  office.refuse('email', 550);
  const code = await fileLight(database.db, now);
  await database.db('notices').where({ case_code: code }).update({ planned_at: now });
  const { subject, body, template } = messageOf('stopped', { code, outcome: 'closed' });
  const texts = { subject: JSON.stringify(subject), body: JSON.stringify(body), template };
  const told = { case_code: code, notice: 'stopped', number: 1, recipient_sub: 'an', at: now };
  await database.db('notices').insert({ ...told, ...texts });
  await round();
  const sent = await database.db('deliveries').where({ case_code: code });
  expect(sent.map(({ channel, state }) => `${channel} ${state}`).sort()).toEqual([
    'email failed',
    'push sent',
    'sms sent',
  ]);
});
