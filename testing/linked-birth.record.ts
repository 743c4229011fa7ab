import { afterAll, beforeAll, beforeEach, it } from 'vitest';
import { openBirthOffice, type BirthOffice } from './births.ts';
import { recordCase } from './histories.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let office: BirthOffice;
beforeAll(async () => {
  world = await openWorld();
  office = openBirthOffice(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.toMonday();
  for (const agency of ['RESIDENCE', 'SOCIAL_INSURANCE'] as const) await world.agencies.tell(agency, {});
});

const police = () => world.as('police.officer');
const record = (name: string, code: string, outcome: string) => recordCase(world, { name, code, outcome });
const delivered = (code: string) =>
  office.officer('reception').complete(code, 'delivery', { delivered: true });

/** An application whose birth is registered and whose branches are open at their agencies. */
async function branched() {
  const code = await office.filed(office.linked());
  await office.registeredBirth(code);
  const [residence, card] = await Promise.all([
    office.branch(code, 'residence'),
    office.branch(code, 'healthCard'),
  ]);
  await police().complete(residence, 'acceptance', { decision: 'accept' });
  return { code, residence, card };
}

async function signedByPolice(code: string): Promise<void> {
  await world.as('police.leader').complete(code, 'approval', { decision: 'approve' });
  await police().complete(code, 'registration', { registered: true });
}

it('complete', async () => {
  const { code, residence, card } = await branched();
  await office.insured(card);
  await police().complete(residence, 'verification', { conclusion: 'eligible' });
  await signedByPolice(residence);
  await record('child-health-card/granted', card, 'granted');
  await record('child-residence/granted', residence, 'granted');
  await delivered(code);
  await record('linked-birth/complete', code, 'complete');
});

it('in part: the household stays silent, the card is refused', async () => {
  await world.agencies.tell('RESIDENCE', { answers: 'silent' });
  await world.agencies.tell('SOCIAL_INSURANCE', { answers: 'not-made' });
  const { code, residence, card } = await branched();
  await world.as('insurance.officer').complete(card, 'acceptance', { decision: 'accept' });
  const refusal = { decision: 'refuse', reasons: 'Trẻ đã có thẻ.' };
  await world.as('insurance.officer').complete(card, 'settlement', refusal);
  await world.as('insurance.leader').complete(card, 'approval', { decision: 'approve' });
  await world.as('insurance.officer').complete(card, 'registration', { registered: true });
  await record('child-health-card/refused', card, 'refused');
  await world.as('residence').task(residence, 'consent');
  await world.pass('8 days');
  await signedByPolice(residence);
  await record('child-residence/refused-by-silence', residence, 'refused');
  await delivered(code);
  await record('linked-birth/in-part', code, 'in-part');
});
