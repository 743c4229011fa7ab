import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Enrolment, madeUpSchool } from '../../testing/enrolment.ts';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
let campaign: Enrolment;
const schools = [madeUpSchool('TH-A', 1, 'Khu phố 1'), madeUpSchool('TH-B', 2, 'Khu phố 2')];
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  campaign = await Enrolment.plan(world, { schools });
});
afterAll(() => world.close());

const agentOf = (sub: string, language = 'vi') =>
  supertest
    .agent(world.url)
    .set({ authorization: `Bearer ${sub}`, accept: 'text/html', 'accept-language': language });
const stranger = (path: string) => supertest(world.url).get(path).set('accept', 'text/html');
const hidden = (html: string) =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
const at = (path = '') => `/campaigns/${campaign.code}${path}`;

describe('the plan of a campaign on a page', () => {
  it('is for the officers of its agency who file it; to everybody else it is not there yet', async () => {
    await stranger(at()).expect(404);
    await agentOf('an').get(at('/offers/new')).expect(403);
    await agentOf('vungtau.leader').get(at('/offers/new')).expect(403);
    await agentOf('tamthang.specialist').get(at('/offers/new')).expect(403);
    const { text } = await agentOf('vungtau.specialist').get(at()).expect(200);
    expect(text).toContain('Trường Tiểu học TH-A');
    expect(text).toContain(`href="${at('/offers/TH-A')}"`);
  });

  it('gets a school by a form that keeps what was typed and says what is wrong, and loses it again', async () => {
    const officer = agentOf('vungtau.specialist');
    const { text } = await officer.get(at('/offers/new')).expect(200);
    const typed = {
      ...hidden(text),
      '/code': 'TH-C',
      '/name': 'Trường Tiểu học Thắng Nhất',
      '/address': '5 đường 30 tháng 4',
      '/point/lat': '10,37',
      '/point/lng': '107,09',
      '/classes': '2',
      '/perClass': '36',
      '/neighbourhoods/#': '1',
      '/neighbourhoods/0/name': 'Khu phố 5',
    };
    const refused = await officer.post(at('/offers/new')).type('form').send(typed).expect(422);
    expect(refused.text).toContain('Sĩ số không quá 35');
    expect(refused.text).toContain('value="Trường Tiểu học Thắng Nhất"');
    await officer
      .post(at('/offers/new'))
      .type('form')
      .send({ ...typed, ...hidden(refused.text), '/neighbourhoods/#': '1', '/perClass': '35' })
      .expect(303);
    const shown = await officer.get(at('/offers/TH-C')).expect(200);
    expect(shown.text).toContain('value="Khu phố 5"');
    await officer.post(at('/offers/TH-C/remove')).type('form').send(hidden(shown.text)).expect(303);
    expect((await officer.get(at()).expect(200)).text).not.toContain('Thắng Nhất');
  });
});

describe('a campaign that was announced', () => {
  let child: string;

  it('is found from the page of the procedure, with dates, places and criteria, in both languages', async () => {
    await campaign.announce();
    const procedure = await stranger('/procedures/9.000061').expect(200);
    expect(procedure.text).toContain(`href="${at()}"`);
    const { text } = await stranger(`${at()}?lang=en`).expect(200);
    expect(text).toContain('Applications from');
    expect(text).toContain('SHA-256 of the seed, published before anybody applied');
    expect(text).toContain('the lottery');
    expect(text).not.toContain('In the officers');
    const officers = await agentOf('vungtau.head').get(at()).expect(200);
    expect(officers.text).toContain('Chờ cán bộ xác minh');
    await agentOf('vungtau.specialist').get(at('/offers/TH-A')).expect(409);
  });

  it('offers its schools by name where parents wish for one', async () => {
    await campaign.until('opens');
    const [made] = await campaign.children(1, [{ metres: 95 }]);
    child = await campaign.file(made!);
    const parent = agentOf('an');
    const apply = await parent.get('/procedures/9.000061/apply').expect(200);
    const begun = await parent
      .post('/procedures/9.000061/apply')
      .type('form')
      .send(hidden(apply.text))
      .expect(303);
    const draft = begun.headers['location']!;
    const wishes = { '/answers/wishes/#': '0', _add: '/answers/wishes' };
    const page = await parent.get(`${draft}/4`).expect(200);
    await parent
      .post(`${draft}/4`)
      .type('form')
      .send({ ...hidden(page.text), ...wishes })
      .expect(303);
    const { text } = await parent.get(`${draft}/4`).expect(200);
    expect(text).toMatch(/<option value="TH-B"[^>]*>Trường Tiểu học TH-B<\/option>/);
  });

  it('tells a parent on the page of the case, and anybody who has the code, what was decided and why', async () => {
    await campaign.until('closes');
    await campaign.until('checkedBy');
    await campaign.approve();
    await world.as('an').task(child, 'confirmation');
    const { text } = await agentOf('an').get(`/cases/${child}`).expect(200);
    expect(text).toContain('Được xếp vào Trường Tiểu học TH-A (nguyện vọng 1)');
    const pseudonym = /[A-Z2-9]{5}-[A-Z2-9]{5}/.exec(text)![0];
    const found = await stranger(at(`/results?pseudonym=${pseudonym.toLowerCase()}`)).expect(200);
    expect(found.text).toContain('thường trú trong tuyến');
    expect(found.text).not.toContain('Trần');
    await stranger(at('/results?pseudonym=AAAAA-AAAAA')).expect(404);
    const campaignPage = await stranger(at()).expect(200);
    expect(campaignPage.text).toContain(`/api/v1/campaigns/${campaign.code}/allocations/1`);
    expect(campaignPage.text).toContain('npm run allocate');
  });
});
