import { gunzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../testing/browser.ts';
import { Enrolment, madeUpSchool } from '../testing/enrolment.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

let world: World;
let code: string;
/** Campaigns: one that everybody finds, and one of which only its officers know. */
let announced: string;
let planned: string;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  code = await world.as('an').file('samples/construction-permit', samplePermit());
  await world.as('vungtau.reception').task(code, 'acceptance');
  const schools = [madeUpSchool('TH-A', 25, 'Khu phố 1')];
  announced = (await (await Enrolment.plan(world, { schools })).announce()).code;
  planned = (await Enrolment.plan(world, { schools })).code;
});
afterAll(() => world.close());

const anybody = [
  '/',
  '/procedures',
  '/procedures?q=khai+sinh',
  '/procedures/1.013225',
  '/clock',
  '/verify',
  '/track',
  '/track/code?case=CODE',
  '/help',
  '/developers',
  '/campaigns',
  '/campaigns/ANNOUNCED',
  '/campaigns/ANNOUNCED/results',
];
const planners = ['/campaigns/PLANNED', '/campaigns/PLANNED/offers/new', '/campaigns/PLANNED/offers/TH-A'];
const citizens = [
  '/cases',
  '/cases/CODE',
  '/cases/CODE/filed',
  '/cases/CODE/readers',
  '/procedures/1.001193/apply',
  '/cases/CODE/notices',
  '/notices',
  '/account',
  '/account/contact',
];
const officers = [
  '/inbox',
  '/cases/CODE',
  '/tasks/TASK',
  '/tasks/TASK/assign',
  '/cases/CODE/notices',
  '/notices',
  '/cases/CODE/transfer',
  '/account/delegations',
];
const receptions = ['/counter', '/counter/1.013225'];
const admins = [
  ...['/admin', '/admin/agencies', '/admin/calendars', '/admin/calendars/H29.16', '/admin/fees'],
  ...['/admin/windows', '/admin/windows/new/opening', '/admin/windows/new/closing', '/admin/fees/new'],
  ...[
    '/admin/connectors',
    '/admin/connectors/land',
    '/admin/delegations',
    '/admin/templates',
    '/admin/templates/messages/received',
    '/admin/templates/documents/construction-permit/permit',
    '/admin/recounts',
    '/admin/audit',
    '/cases',
  ],
];
const addressOf = (path: string, task = '') =>
  path
    .replace('CODE', code)
    .replace('TASK', task)
    .replace('ANNOUNCED', announced)
    .replace('PLANNED', planned);
const page = (path: string, sub?: string) => {
  const asked = supertest(world.url).get(addressOf(path)).set('accept', 'text/html');
  return sub ? asked.set('authorization', `Bearer ${sub}`) : asked;
};

describe('whoever may not see a page', () => {
  test.each([...citizens, '/inbox', '/counter', '/admin', '/admin/audit'])(
    'a stranger at %s signs in first',
    async (path) => {
      const answer = await page(path).expect(303);
      expect(answer.headers['location']).toBe(`/signin?return=${encodeURIComponent(addressOf(path))}`);
    },
  );

  test.each([...admins.slice(0, -1), ...receptions, ...planners.slice(1)])(
    'a citizen at %s is told that it is not theirs',
    async (path) => {
      const answer = await page(path, 'an').expect(403);
      expect(answer.text).toContain('Không đúng vai trò');
    },
  );

  test.each(['/cases/CODE', '/cases/CODE/filed', '/cases/CODE/readers'])(
    'another citizen learns nothing at %s',
    async (path) => {
      const answer = await page(path, 'binh').expect(403);
      expect(answer.text).not.toContain('Nguyễn Văn An');
    },
  );

  test('somebody else’s draft stays theirs', async () => {
    const { id } = await beginDraft('an');
    await page(`/drafts/${id}/applicant`, 'binh').expect(403);
  });
});

describe('a form', () => {
  test('that another site made is refused', async () => {
    const answer = await supertest(world.url)
      .post('/procedures/1.013225/apply')
      .set({ authorization: 'Bearer an', accept: 'text/html' })
      .type('form')
      .send({ _csrf: 'made up', _key: 'made-up-key' });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('Biểu mẫu đã cũ');
  });

  test('that is sent twice counts once', async () => {
    const officer = supertest
      .agent(world.url)
      .set({ authorization: 'Bearer vungtau.reception', accept: 'text/html' });
    const shown = await officer.get(`/cases/${code}`).expect(200);
    const form = /action="\/cases\/[^"]*\/comments">([\s\S]*?)<\/form>/.exec(shown.text)![1]!;
    const sent = { ...hidden(form), text: 'Đã gọi cho người nộp.' };
    await officer.post(`/cases/${code}/comments`).type('form').send(sent).expect(303);
    await officer.post(`/cases/${code}/comments`).type('form').send(sent).expect(303);
    const { body } = await world.as('vungtau.reception').get(`/api/v1/cases/${code}/comments`);
    expect(body.items).toHaveLength(1);
  });

  test('keeps what was typed, also what is wrong, and says where', async () => {
    const { id, agent } = await beginDraft('an');
    const shown = await agent.get(`/drafts/${id}/1`).expect(200);
    const typed = { '/answers/parcel/sheet': 'mười hai', '/answers/parcel/areaM2': '120,5' };
    const answer = await agent
      .post(`/drafts/${id}/1`)
      .type('form')
      .send({ ...hidden(shown.text), ...typed });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('<a href="#answers-parcel-sheet">Tờ bản đồ số: Nhập một số</a>');
    const check = await agent.get(`/drafts/${id}/check`).expect(200);
    expect(check.text).toContain('120,5');
    const again = await agent.get(`/drafts/${id}/1`).expect(200);
    expect(again.text).toContain('value="mười hai"');
  });
});

test('a delegation is ended by an admin, where its principal cannot', async () => {
  const period = { from: world.clock.now(), to: new Date(world.clock.now().getTime() + 86_400_000) };
  // Officers are known from what they do.
  await world.as('vungtau.specialist').request('POST', `/api/v1/cases/${code}/comments`, { text: 'Đã xem.' });
  const appointed = { substitute: 'vungtau.specialist', reason: 'Đi công tác', ...period };
  const { status } = await world.as('vungtau.head').request('POST', '/api/v1/delegations', appointed);
  expect(status).toBe(201);
  const agent = supertest.agent(world.url).set({ authorization: 'Bearer admin', accept: 'text/html' });
  const shown = await agent.get('/admin/delegations').expect(200);
  const end = /action="(\/admin\/delegations\/[^"]+\/end)"/.exec(shown.text)![1]!;
  await agent.post(end).type('form').send(hidden(shown.text)).expect(303);
  const { body } = await world.as('vungtau.head').get('/api/v1/delegations');
  expect(body.items[0].revokedAt).not.toBeNull();
});

test('each page has at most 100 KB of style sheets and scripts on the wire', async () => {
  const { id, agent } = await beginDraft('an');
  const heaviest = [`/drafts/${id}/1`, `/drafts/${id}/papers`, `/cases/${code}`, '/verify'];
  for (const path of heaviest) {
    const { text } = await agent.get(path).expect(200);
    const addresses = [...text.matchAll(/(?:href|src)="(\/[^"]+\.(?:css|js))"/g)].map(
      ([, address]) => address!,
    );
    const inside: string[] = [];
    let bytes = 0;
    for (const address of addresses) {
      const { size, content } = await weigh(address);
      bytes += size;
      inside.push(
        ...[...content.matchAll(/from ?'(\/assets[^']+)'|import '(\/assets[^']+)'/g)].map(
          (m) => m[1] ?? m[2]!,
        ),
      );
    }
    for (const address of inside) bytes += (await weigh(address)).size;
    expect(bytes, path).toBeLessThan(100 * 1024);
    expect(bytes, path).toBeGreaterThan(10 * 1024);
  }
});

describe.skipIf(!browserPath)(`every page, as people meet it${without}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  const seats: Seat[] = [
    { language: 'vi', scripts: true, width: 320 },
    { language: 'en', scripts: true, width: 1280 },
    { language: 'vi', scripts: false, width: 1280 },
    { language: 'en', scripts: false, width: 320 },
  ];
  test.each(seats)(
    '$language, scripts $scripts, $width pixels: nothing hinders anybody',
    async (seat) => {
      const { id: task } = await world.as('vungtau.reception').task(code, 'acceptance');
      const visits: [string | undefined, string[]][] = [
        [undefined, anybody],
        ['an', citizens],
        ['vungtau.reception', [...receptions, ...officers]],
        ['vungtau.specialist', planners],
        ['admin', admins],
      ];
      for (const [sub, paths] of visits) {
        const visitor = await Visitor.open(browser, world.url, seat, sub);
        for (const path of paths) await visitor.go(addressOf(path, task));
        expect(visitor.complaints).toEqual([]);
        await visitor.close();
      }
    },
    300_000,
  );
});

async function beginDraft(sub: string) {
  const agent = supertest.agent(world.url).set({ authorization: `Bearer ${sub}`, accept: 'text/html' });
  const shown = await agent.get('/procedures/1.013225/apply').expect(200);
  const begun = await agent
    .post('/procedures/1.013225/apply')
    .type('form')
    .send(hidden(shown.text))
    .expect(303);
  return { id: begun.headers['location']!.split('/').at(-1)!, agent };
}

const hidden = (html: string) =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="(_\w+)" value="([^"]*)">/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  );

async function weigh(address: string): Promise<{ size: number; content: string }> {
  const response = await supertest(world.url)
    .get(address)
    .set('accept-encoding', 'gzip')
    .buffer(true)
    .parse((res, done) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('end', () => done(null, Buffer.concat(parts)));
    });
  const bytes = response.body as Buffer;
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const size = zipped ? bytes.length : Number(response.headers['content-length'] ?? bytes.length);
  return { size, content: zipped ? gunzipSync(bytes).toString() : bytes.toString() };
}
