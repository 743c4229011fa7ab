import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serve, type Listening } from '../../embedded/agencies/desk.ts';
import { createLandRegistry as createLandAgency } from '../../embedded/agencies/land-registry.ts';
import { createPlanning as createPlanningAgency } from '../../embedded/agencies/planning.ts';
import { createResidentRegistry as createResidentAgency } from '../../embedded/agencies/resident-registry.ts';
import { createLogger } from '../../log.ts';
import { AgencyRefused, AgencyUnavailable } from './call.ts';
import { createConsultations } from './consultations.ts';
import { createLandRegistry, type ParcelQuestion } from './land-registry.ts';
import { createPlanning, type PlanningQuestion } from './planning.ts';
import { createResidentRegistry } from './resident-registry.ts';

const callingBack = {
  publicUrl: 'http://127.0.0.1:9',
  token: () => Promise.resolve('token'),
  log: createLogger('test', 'silent'),
  signal: new AbortController().signal,
};
let residents: Listening & { publicUrl: string };
let land: Listening;
let planning: Listening;

beforeAll(async () => {
  residents = { ...(await serve(createResidentAgency(callingBack), 0)), publicUrl: callingBack.publicUrl };
  land = await serve(createLandAgency(), 0);
  planning = await serve(createPlanningAgency(), 0);
});
beforeEach(() => tell(land, {}));
afterAll(() => Promise.all([residents.close(), land.close(), planning.close()]));

async function tell(agency: Listening, control: Record<string, unknown>) {
  const response = await fetch(`${agency.url}/control`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(control),
  });
  expect(response.status).toBe(200);
}

const caseCode = 'H29.16-261122-0001';
const parcel: ParcelQuestion = {
  sheet: 27,
  number: 145,
  certificate: 'DB 123456',
  ownerPersonalNumber: '077090990001',
  caseCode,
};
const building: PlanningQuestion = {
  parcel: { sheet: 27, number: 145 },
  floors: 3,
  densityPercent: 75,
  heightM: 11.4,
  setbacks: { frontM: 3, sideM: 0, rearM: 2 },
  caseCode,
};
let number = 0;
const newKey = () => `${caseCode}/test/${(number += 1)}`;

describe('an agency that does not work', () => {
  test('down: the wait is told in words, without personal data', async () => {
    await tell(land, { mode: 'down' });
    const asked = createLandRegistry(land).lookUpParcel(parcel, newKey());
    await expect(asked).rejects.toThrow(
      new AgencyUnavailable('land registry', { vi: 'trả lời 503', en: 'answers 503' }),
    );
  });

  test('down so far that it closes the connection', async () => {
    await tell(land, { mode: 'down', down: 'closed' });
    const asked = createLandRegistry(land).lookUpParcel(parcel, newKey());
    await expect(asked).rejects.toMatchObject({ name: 'AgencyUnavailable', agency: 'land registry' });
  });

  test('nobody at the address', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => nobody.once('listening', resolve));
    const { port } = nobody.address() as { port: number };
    await new Promise((resolve) => nobody.close(resolve));
    const asked = createLandRegistry({ url: `http://127.0.0.1:${port}` }).lookUpParcel(parcel, newKey());
    await expect(asked).rejects.toThrow('land registry cannot be reached (ECONNREFUSED)');
  });

  test('slow: the connector gives up after its time', async () => {
    await tell(land, { mode: 'slow', delayMs: 2_000 });
    const asked = createLandRegistry({ url: land.url, timeoutMs: 100 }).lookUpParcel(parcel, newKey());
    await expect(asked).rejects.toThrow('land registry did not answer within 0.1 s');
  });

  test('wrong: an answer that breaks the contract is no answer', async () => {
    await tell(land, { mode: 'wrong' });
    const asked = createLandRegistry(land).lookUpParcel(parcel, newKey());
    await expect(asked).rejects.toThrow('land registry gave an answer that breaks its contract at /found');
  });

  test('a redirect is not followed', async () => {
    const { default: express } = await import('express');
    const app = express().post('/parcels/lookup', (_request, response) => response.redirect(307, land.url));
    const elsewhere = await serve(app, 0);
    const asked = createLandRegistry(elsewhere).lookUpParcel(parcel, newKey());
    await expect(asked).rejects.toThrow('land registry answers 307, a redirect that is not followed');
    await elsewhere.close();
  });

  test('after it works again the same question gets its answer', async () => {
    const key = newKey();
    await tell(land, { mode: 'wrong' });
    await expect(createLandRegistry(land).lookUpParcel(parcel, key)).rejects.toThrow(AgencyUnavailable);
    await tell(land, { mode: 'ok' });
    expect(await createLandRegistry(land).lookUpParcel(parcel, key)).toMatchObject({ found: true });
  });
});

describe('what an agency refuses', () => {
  test('a question that it does not understand is our mistake, not an outage', async () => {
    const asked = createLandRegistry(land).lookUpParcel({ ...parcel, certificate: 'none' }, newKey());
    await expect(asked).rejects.toThrow(AgencyRefused);
    await expect(asked).rejects.toMatchObject({ status: 422, agency: 'land registry' });
  });

  test('a key that was used for another question', async () => {
    const key = newKey();
    await createLandRegistry(land).lookUpParcel(parcel, key);
    const asked = createLandRegistry(land).lookUpParcel({ ...parcel, number: 146 }, key);
    await expect(asked).rejects.toThrow('refuses with 422: Idempotency-Key was used for another question');
  });

  test('a question without a case has no purpose', async () => {
    const response = await fetch(`${residents.url}/identities/verify`, {
      method: 'POST',
      headers: { 'idempotency-key': newKey() },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toEqual({ status: 400, title: 'X-Case-Code is missing' });
  });

  test('a control that it does not know', async () => {
    const response = await fetch(`${land.url}/control`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"mode":"asleep"}',
    });
    expect(response.status).toBe(422);
  });
});

test('the same key is counted twice and answered alike', async () => {
  const key = newKey();
  const registry = createLandRegistry(land);
  expect(await registry.lookUpParcel(parcel, key)).toEqual(await registry.lookUpParcel(parcel, key));
  const counts = (await (await fetch(`${land.url}/requests`)).json()) as { byKey: Record<string, number> };
  expect(counts.byKey[key]).toBe(2);
});

describe('the land registry', () => {
  test('a parcel in order', async () => {
    expect(await createLandRegistry(land).lookUpParcel(parcel, newKey())).toEqual({
      found: true,
      areaM2: 100,
      landUse: 'ODT',
      certificateMatches: true,
      ownerMatches: true,
      address: { street: '45 đường Lê Lai', ward: 'Phường Vũng Tàu', province: 'Thành phố Hồ Chí Minh' },
      encumbrances: [],
      plannedRoad: false,
    });
  });

  test('a parcel that is smaller than stated, mortgaged and partly a planned road', async () => {
    const question = { ...parcel, number: 146, certificate: 'DB123457' };
    expect(await createLandRegistry(land).lookUpParcel(question, newKey())).toMatchObject({
      areaM2: 92.5,
      certificateMatches: true,
      encumbrances: [{ kind: 'mortgage' }],
      plannedRoad: true,
    });
  });

  test('a parcel that nobody knows, and one of somebody else', async () => {
    const registry = createLandRegistry(land);
    expect(await registry.lookUpParcel({ ...parcel, number: 9999 }, newKey())).toEqual({ found: false });
    const other = { ...parcel, ownerPersonalNumber: '077185990002' };
    expect(await registry.lookUpParcel(other, newKey())).toMatchObject({ ownerMatches: false });
  });
});

describe('the resident registry', () => {
  const person = {
    personalNumber: '077090990001',
    fullName: 'NGUYỄN VĂN AN',
    dateOfBirth: '1990-05-12',
    caseCode,
  };

  test('a person who is right gets their residence', async () => {
    expect(await createResidentRegistry(residents).verifyIdentity(person, newKey())).toMatchObject({
      match: true,
      mismatches: [],
      residence: { ward: 'Phường Vũng Tàu' },
    });
  });

  test('a wrong birthday or number is named, and nothing else is told', async () => {
    const registry = createResidentRegistry(residents);
    expect(await registry.verifyIdentity({ ...person, dateOfBirth: '1990-05-13' }, newKey())).toEqual({
      match: false,
      mismatches: ['dateOfBirth'],
    });
    expect(await registry.verifyIdentity({ ...person, personalNumber: '079090001234' }, newKey())).toEqual({
      match: false,
      mismatches: ['personalNumber'],
    });
  });
});

describe('the planning map', () => {
  test('a house that fits its zone passes every check', async () => {
    const { zone, checks } = await createPlanning(planning).checkBuilding(building, newKey());
    expect(zone).toBe('OM-12');
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  });

  test('a tower on the neighbour’s parcel fails by floors, height, setback and the planned road', async () => {
    const tower = {
      ...building,
      parcel: { sheet: 27, number: 146 },
      floors: 9,
      heightM: 31.5,
      setbacks: { frontM: 0, sideM: 0, rearM: 2 },
    };
    const { checks } = await createPlanning(planning).checkBuilding(tower, newKey());
    const failed = checks.filter(({ passed }) => !passed);
    expect(failed.map(({ id }) => id)).toEqual(['floors', 'height', 'setbackFront', 'plannedRoad']);
    expect(failed[1]?.note.vi).toBe('Chiều cao công trình (m): 31,5, tối đa 20');
  });

  test('a parcel outside the map', async () => {
    const outside = { ...building, parcel: { sheet: 1, number: 1 } };
    const answer = await createPlanning(planning).checkBuilding(outside, newKey());
    expect(answer).toMatchObject({ zone: null, checks: [{ id: 'mapped', passed: false }] });
  });
});

test('an agency without a system is asked by its officers’ task alone', async () => {
  const consultations = createConsultations({ systems: {}, publicUrl: 'http://127.0.0.1:9' });
  const question = {
    consultation: 'water',
    taskId: 'a-task',
    caseCode,
    question: 'Có ý kiến gì về đấu nối cấp nước?',
  };
  expect(await consultations.ask(question, newKey())).toBe('no-system');
});

test('every agency publishes OpenAPI 3.1', async () => {
  for (const [agency, path] of [
    [residents, '/identities/verify'],
    [land, '/parcels/lookup'],
    [planning, '/checks'],
  ] as const) {
    const document = await (await fetch(`${agency.url}/openapi.json`)).json();
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: { [path]: { post: {} }, '/control': { put: {} } },
    });
  }
});
