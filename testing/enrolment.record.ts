import { afterAll, beforeAll, it } from 'vitest';
import { Enrolment, madeUpSchool } from './enrolment.ts';
import { recordCase } from './histories.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
});
afterAll(() => world.close());

const an = () => world.as('an');
const leader = () => world.as('vungtau.leader');
const specialist = () => world.as('vungtau.specialist');
const record = (name: string, code: string, outcome: string, of = 'an') =>
  recordCase(world, { name, code, outcome, of });
const schools = [madeUpSchool('TH-A', 2, 'Khu phố 1'), madeUpSchool('TH-B', 1, 'Khu phố 2')];

it('a campaign that is not held', async () => {
  const { code } = await Enrolment.plan(world, { schools });
  await specialist().complete(code, 'plan', { ready: true });
  await leader().complete(code, 'planApproval', { decision: 'cancel', comment: 'Chưa có chỉ tiêu.' });
  await record('school-campaign/cancelled', code, 'cancelled', 'vungtau.leader');
});

it('a campaign, and a child for each way through it', async () => {
  const campaign = await (await Enrolment.plan(world, { schools })).announce();
  await campaign.until('opens');
  const children = await campaign.children(1, [
    { metres: 95, answers: { hasPriority: true, priorityGroup: 'poor' } },
    { metres: 195 },
    { metres: 295 },
    { metres: 395 },
    { metres: 495, answers: { hasPriority: true, priorityGroup: 'poor' } },
    { metres: 595 },
  ]);
  const codes: string[] = [];
  for (const child of children) codes.push(await campaign.file(child));
  const [admitted, declined, unconfirmed, appeals, rejected, waits] = codes as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const taken = { decision: 'take', verifiedGroup: 'poor' };
  await specialist().complete(admitted, 'verification', taken);
  const refused = { decision: 'refuse', reasons: 'Không cư trú tại phường.' };
  await specialist().complete(rejected, 'verification', refused);
  await record('school-place/rejected', rejected, 'rejected');
  await campaign.until('closes');
  await campaign.until('checkedBy');
  await campaign.approve();
  await an().complete(admitted, 'confirmation', { decision: 'accept' });
  await record('school-place/admitted', admitted, 'admitted');
  await an().complete(appeals, 'appeal', { school: 'TH-B', grounds: 'Gần nhà ông bà.' });
  await leader().complete(appeals, 'appealDecision', { decision: 'place', reasons: 'TH-B còn chỗ.' });
  await an().complete(declined, 'confirmation', { decision: 'decline' });
  await record('school-place/declined', declined, 'declined');
  await world.pass('20 minutes');
  await an().complete(appeals, 'confirmation', { decision: 'accept' });
  await record('school-place/admitted-on-appeal', appeals, 'admitted');
  await an().task(unconfirmed, 'confirmation');
  await campaign.until('confirmBy');
  await record('school-place/unconfirmed', unconfirmed, 'unconfirmed');
  await world.pass('20 minutes');
  await an().complete(waits, 'confirmation', { decision: 'decline' });
  await campaign.until('givenOnUntil');
  await specialist().complete(campaign.code, 'classLists', { handedOver: true });
  await leader().complete(campaign.code, 'conclusion', { approved: true });
  await record('school-campaign/concluded', campaign.code, 'concluded', 'vungtau.leader');
});

it('a child for whom there is no place', async () => {
  const campaign = await (await Enrolment.plan(world, { schools: [schools[1]!] })).announce();
  await campaign.until('opens');
  const children = await campaign.children(31, [
    { metres: 95, neighbourhood: 'Khu phố 2', wishes: ['TH-B'] },
    { metres: 195, wishes: ['TH-B'] },
  ]);
  const [first, second] = [await campaign.file(children[0]!), await campaign.file(children[1]!)];
  await campaign.until('closes');
  await campaign.until('checkedBy');
  await campaign.approve();
  await an().complete(first, 'confirmation', { decision: 'accept' });
  await campaign.until('givenOnUntil');
  await record('school-place/not-admitted', second, 'not-admitted');
});
