import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import { committee, Enrolment, madeUpChild, madeUpSchool } from '../../testing/enrolment.ts';
import { clearHistory, textOf } from '../../testing/histories.ts';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
const parent = () => world.as('an');
const specialist = () => world.as('vungtau.specialist');
const head = () => world.as('vungtau.head');
const leader = () => world.as('vungtau.leader');
const schools = [madeUpSchool('TH-A', 2, 'Khu phố 1'), madeUpSchool('TH-B', 1, 'Khu phố 2')];
const ended = (code: string) => specialist().until(code, ({ closedAt }) => closedAt !== null);
const contextOf = async (code: string, name: string, who = specialist()) => {
  const { id } = await who.task(code, name);
  return (await who.get(`/api/v1/tasks/${id}`)).body.context;
};
const planned = { ready: true };

describe('the plan of a campaign', () => {
  beforeEach(() => world.toMonday());

  it('is the ward’s own case: no parent files it, finds it before it is announced or sees its progress', async () => {
    const { answers } = Enrolment.planFrom(world.clock.now());
    const application = { procedure: 'schoolCampaign', agency: 'H29.16', answers };
    for (const other of [parent(), leader(), world.as('tamthang.specialist')])
      expect(await other.request('POST', '/api/v1/applications', application)).toMatchObject({ status: 403 });
    const { code } = await Enrolment.plan(world, { schools });
    const path = `/api/v1/campaigns/${code}`;
    expect((await parent().get(path)).status).toBe(404);
    expect((await parent().get(`${path}/progress`)).status).toBe(403);
    expect((await specialist().get(path)).body).toMatchObject({ code, announcedAt: null });
    await specialist().complete(code, 'plan', planned);
    await leader().complete(code, 'planApproval', { decision: 'cancel', comment: 'Chưa có chỉ tiêu.' });
    expect(await ended(code)).toMatchObject({ outcome: 'cancelled' });
  });

  it('comes back to whoever made it with what is wrong, in plain words, and is not announced', async () => {
    const bare = { ...schools[1]!, details: { ...schools[1]!.details, neighbourhoods: [] } };
    const { code } = await Enrolment.plan(world, { schools: [schools[0]!, bare] });
    await specialist().complete(code, 'plan', planned);
    await leader().complete(code, 'planApproval', { decision: 'return', comment: 'Xem lại TH-B.' });
    expect(await contextOf(code, 'plan')).toMatchObject({ returned: 'Xem lại TH-B.' });
    await specialist().complete(code, 'plan', planned);
    await leader().complete(code, 'planApproval', { decision: 'approve' });
    await expect
      .poll(() => contextOf(code, 'plan'))
      .toMatchObject({
        wrong: ['offers/TH-B: Trường chưa có tuyến tuyển sinh · The school has no catchment yet'],
      });
    const { body } = await parent().get('/api/v1/campaigns');
    expect(body.items.map((each: { code: string }) => each.code)).not.toContain(code);
  });

  it('opens its windows by itself, and not twice where another campaign has announced them', async () => {
    const campaign = await Enrolment.plan(world, { schools });
    const other = await Enrolment.plan(world, { schools });
    await campaign.announce();
    const { body } = await parent().get(`/api/v1/campaigns/${campaign.code}`);
    expect(body).toMatchObject({
      name: 'Tuyển sinh vào lớp 1 phường Vũng Tàu',
      offers: [{ planned: 2, most: 35 }, {}],
    });
    expect(body.rounds).toMatchObject([{ commitment: expect.stringMatching(/^[0-9a-f]{64}$/), seed: null }]);
    const change = { details: schools[0]!.details };
    const path = `/api/v1/campaigns/${campaign.code}/offers/TH-A`;
    expect(await specialist().request('PUT', path, change)).toMatchObject({ status: 409 });

    const [child] = await campaign.children(1, [{}]);
    await expect(campaign.file(child!)).rejects.toThrow('filing-closed');
    await campaign.until('opens');
    await campaign.file(child!);
    await campaign.until('closes');
    const [late] = await campaign.children(2, [{}]);
    await expect(campaign.file(late!)).rejects.toThrow('filing-closed');

    await specialist().complete(other.code, 'plan', planned);
    await leader().complete(other.code, 'planApproval', { decision: 'approve' });
    await expect
      .poll(() => contextOf(other.code, 'plan'))
      .toMatchObject({ wrong: [expect.stringContaining('rounds')] });
    await campaign.until('givenOnUntil');
  });
});

describe('a campaign of two rounds', () => {
  let campaign: Enrolment;
  let codes: string[];
  const pseudonymOf = async (code: string) =>
    (await world.database.db('campaign_members').where({ case_code: code }).first('pseudonym')).pseudonym;
  const resultOf = async (code: string) =>
    (await parent().get(`/api/v1/campaigns/${campaign.code}/results/${await pseudonymOf(code)}`)).body;
  const confirm = (code: string, decision = 'accept') =>
    parent().complete(code, 'confirmation', { decision });

  it('is allocated when its applications are checked, and until then nobody has a result', async () => {
    campaign = await (await Enrolment.plan(world, { schools, rounds: 2 })).announce();
    await campaign.until('opens');
    const children = await campaign.children(10, [
      { metres: 295 },
      { metres: 95 },
      { metres: 195 },
      { metres: 395, acceptOther: false },
      { metres: 50, neighbourhood: 'Khu phố 9' },
    ]);
    codes = [];
    for (const child of children) codes.push(await campaign.file(child));
    await campaign.until('closes');
    const { body } = await head().get(`/api/v1/campaigns/${campaign.code}/progress`);
    expect(body.members).toMatchObject({ applied: 5, ready: 5, inQueue: 0 });
    await campaign.until('checkedBy');
    expect(await contextOf(campaign.code, 'approval', head())).toMatchObject({
      members: 5,
      placed: 2,
      waiting: 3,
      unchecked: 0,
    });
    expect(await resultOf(codes[1]!)).toMatchObject({ state: 'no-result', offer: null, why: null });
    expect((await parent().get(`/api/v1/campaigns/${campaign.code}/allocations`)).body.items).toEqual([]);
  });

  it('is allocated again when the head or one of the committee sends it back, and the same comes of it', async () => {
    const complete = (who: string, task: string, decision: string) =>
      world
        .as(who)
        .complete(campaign.code, task, { decision, comment: decision === 'return' ? 'Kiểm tra lại.' : '' });
    await complete('vungtau.head', 'approval', 'return');
    await expect.poll(() => contextOf(campaign.code, 'approval', head())).toMatchObject({ allocation: 2 });
    await complete('vungtau.head', 'approval', 'approve');
    const [first, second, third] = committee;
    await complete(first!, 'committee', 'approve');
    expect(await complete(first!, 'committee', 'approve')).toMatchObject({
      status: 403,
      body: { type: expect.stringContaining('same-person') },
    });
    await complete(second!, 'committee', 'return');
    await complete(third!, 'committee', 'approve');
    await expect
      .poll(() => contextOf(campaign.code, 'approval', head()))
      .toMatchObject({ allocation: 3, returned: ['Kiểm tra lại.'], placed: 2 });
    await campaign.approve();
    await parent().task(codes[1]!, 'confirmation');
    const { body } = await parent().get(`/api/v1/campaigns/${campaign.code}/allocations`);
    expect(body.items).toMatchObject([{ number: 3, kind: 'round', members: 5, placed: 2 }]);
  });

  it('is published without a name, with the seed that was announced, and says to everybody why', async () => {
    const { body: file } = await parent().get(`/api/v1/campaigns/${campaign.code}/allocations/3`);
    expect(createHash('sha256').update(Buffer.from(file.seed, 'hex')).digest('hex')).toBe(file.commitment);
    expect(file.inputs).toHaveLength(5);
    expect(JSON.stringify(file)).not.toMatch(/Trần|077|Hoa Phượng|10\.3/);
    expect((await parent().get(`/api/v1/campaigns/${campaign.code}/allocations/1`)).status).toBe(404);
    const folder = mkdtempSync(join(tmpdir(), 'motcua-allocation-'));
    const worked = (name: string, content: object) => {
      writeFileSync(join(folder, name), JSON.stringify(content));
      const run = spawnSync('npm', ['run', '-s', 'allocate', '--', join(folder, name)], { encoding: 'utf8' });
      return [run.status, run.stdout] as const;
    };
    expect(worked('published.json', file)).toEqual([0, expect.stringContaining('exactly as published')]);
    const [first, ...others] = file.placements;
    const bent = { ...file, placements: [{ ...first, offer: 'TH-B' }, ...others] };
    expect(worked('bent.json', bent)).toEqual([1, expect.stringContaining(`${first.id}: published`)]);
    rmSync(folder, { recursive: true });
    expect(await resultOf(codes[1]!)).toMatchObject({
      state: 'offered',
      offer: { code: 'TH-A' },
      why: {
        vi: expect.stringContaining('thường trú trong tuyến, cách trường khoảng 100 m'),
        en: expect.stringContaining(
          'the last one taken: permanent resident of the catchment, about 200 m away',
        ),
      },
    });
    expect(await resultOf(codes[0]!)).toMatchObject({
      state: 'waiting',
      why: {
        vi: expect.stringContaining(
          'nhận đến thường trú trong tuyến, cách trường khoảng 200 m; con: thường trú trong tuyến, cách trường khoảng 300 m',
        ),
      },
    });
    expect(await resultOf(codes[4]!)).toMatchObject({
      why: { en: expect.stringContaining('from outside the catchment') },
    });
  });

  it('gives what is declined on to the next of the waiting list, once', async () => {
    await confirm(codes[1]!);
    await confirm(codes[2]!, 'decline');
    // The campaign hears of it at once, or with the next look a quarter of an hour later.
    await world.pass('20 minutes');
    expect(await confirm(codes[0]!)).toMatchObject({ status: 200 });
    const kept = await parent().until(codes[0]!, ({ outcome }) => outcome === 'admitted');
    expect(kept.documents.map(({ document }: { document: string }) => document)).toEqual([
      'form-01',
      'admission',
    ]);
    const places = await world.database
      .db('places')
      .where({ campaign: campaign.code, offer: 'TH-A' })
      .orderBy('number');
    expect(places.map(({ case_code }: { case_code: string }) => case_code).sort()).toEqual(
      [codes[0], codes[1]].sort(),
    );
    const { body } = await parent().get(`/api/v1/campaigns/${campaign.code}/allocations`);
    expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['round', 'given-on']);
  });

  it('takes those who have no place along into the next round, where they may wish for something else', async () => {
    await campaign.until('opens', 2);
    const { answers } = madeUpChild(13, campaign.year, { metres: 395 });
    const amended = { answers: { ...answers, wishes: [{ school: 'TH-B' }] }, papers: [] };
    expect(await parent().request('POST', `/api/v1/cases/${codes[3]}/amendment`, amended)).toMatchObject({
      status: 200,
    });
    await campaign.until('closes', 2);
    expect(await parent().request('POST', `/api/v1/cases/${codes[3]}/amendment`, amended)).toMatchObject({
      status: 409,
    });
    await campaign.until('checkedBy', 2);
    expect(await contextOf(campaign.code, 'approval', head())).toMatchObject({
      round: 2,
      members: 2,
      placed: 1,
    });
    await campaign.approve();
    await confirm(codes[3]!);
    await parent().until(codes[3]!, ({ outcome }) => outcome === 'admitted');
  });

  it('tells who is left that there is no place, hands the classes over as soon as the registry answers, and reports', async () => {
    await world.agencies.tell('EDUCATION', { mode: 'down' });
    await campaign.until('givenOnUntil', 2);
    const left = await parent().until(codes[4]!, ({ closedAt }) => closedAt !== null);
    expect(left).toMatchObject({ outcome: 'not-admitted', documents: [{}, { document: 'noPlace' }] });
    await specialist().complete(campaign.code, 'classLists', { handedOver: true });
    await specialist().until(campaign.code, ({ waiting }) => waiting !== null);
    await world.agencies.tell('EDUCATION', {});
    await world.pass('10 minutes');
    expect(await contextOf(campaign.code, 'conclusion', leader())).toMatchObject({
      handedOver: [
        { code: 'TH-A', pupils: 2, classes: 1 },
        { code: 'TH-B', pupils: 1 },
      ],
    });
    await leader().complete(campaign.code, 'conclusion', { approved: true });
    const end = await ended(campaign.code);
    expect(end).toMatchObject({ outcome: 'concluded' });
    expect(end.documents.map(({ document }: { document: string }) => document)).toEqual([
      'plan',
      'results',
      'results',
      'report',
    ]);
    const lists = await fetch(`${world.agencies.environment['EDUCATION_URL']}/class-lists`);
    const { items } = (await lists.json()) as {
      items: { school: string; classes: { pupils: unknown[] }[] }[];
    };
    expect(
      items.map(({ school, classes }) => [school, classes.flatMap(({ pupils }) => pupils).length]).sort(),
    ).toEqual([
      ['TH-A', 2],
      ['TH-B', 1],
    ]);
  });

  it('has told Temporal of nobody, and its record is whole', async () => {
    for (const code of [campaign.code, ...codes]) {
      expect(await firstBrokenEntry(world.database.db, code)).toBeUndefined();
      expect(textOf(await clearHistory(world, code))).not.toMatch(/Trần|077[23]\d{8}|Hoa Phượng/);
    }
  });
});
