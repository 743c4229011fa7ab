import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../../fhir/validate.ts';
import {
  expectOutcome,
  glucose,
  treat,
  openFhirOffice,
  type FhirOffice,
  type Answer,
} from '../../testing/fhir.ts';

let api: FhirOffice['api'];
let an: FhirOffice['an'];
let binh: FhirOffice['binh'];
let call: FhirOffice['call'];
let get: FhirOffice['get'];
beforeAll(async () => {
  ({ api, an, binh, call, get } = await openFhirOffice());
});
afterAll(() => api.stop());

describe('what is wrong', () => {
  it('is told as an OperationOutcome, whoever finds it', async () => {
    const answers: [number, Promise<Answer>][] = [
      [401, api.stranger.get('/fhir/Patient')],
      [401, api.stranger.get('/fhir/Patient').set('Authorization', 'Bearer x')],
      [403, get('vungtau.specialist', '/Patient')],
      [400, get('hospital', '/Patient', {})],
      [400, get('hospital', '/Patient', { 'X-Purpose-Of-Use': 'MARKETING' })],
      [404, get('hospital', '/Medication')],
      [404, get('hospital', '/Patient/1')],
      [404, get('hospital', '/Patient/1/2/3/4')],
      [406, get('hospital', '/Patient', { ...treat, Accept: 'application/fhir+xml' })],
      [400, get('hospital', '/Patient?name=An')],
      [400, get('hospital', `/Observation?patient=${an.id}&date=yesterday`)],
      [400, get('hospital', '/Observation')],
      [400, get('hospital', '/Observation?_page=x')],
      [400, get('hospital', '/Patient?_lastUpdated=ge2020')],
      [
        403,
        get('insurer', '/Observation', treat).then(() =>
          call('insurer', 'post', '/Observation', { headers: treat, body: glucose(an.id) }),
        ),
      ],
      [403, call('insurer', 'post', '/$break-glass', { body: {} })],
      [400, call('hospital', 'post', '/$break-glass', { body: {} })],
      [405, call('hospital', 'post', '/Patient', { headers: treat, body: { resourceType: 'Patient' } })],
      [400, call('hospital', 'post', '/Observation', { headers: treat, body: { resourceType: 'Patient' } })],
    ];
    for (const [status, answer] of answers) {
      const told = await answer;
      expect([told.status, JSON.stringify(told.body)]).toEqual([
        status,
        expect.stringContaining('OperationOutcome'),
      ]);
      expectOutcome(told);
    }
    const agent = await api.as('hospital');
    const broken = (await agent
      .post('/fhir/Observation')
      .set({ ...treat, 'Content-Type': 'application/fhir+json' })
      .send('{"resourceType":')) as unknown as Answer;
    expect(broken.status).toBe(400);
    expectOutcome(broken);
    const plain = (await agent
      .post('/fhir/Observation')
      .set({ ...treat, 'Content-Type': 'text/plain' })
      .send('x')) as unknown as Answer;
    expect(plain.status).toBe(415);
  });

  it('is found in a resource before it is kept, with the place of each fault', async () => {
    const wrong: [Record<string, unknown>, string][] = [
      [glucose(an.id, { status: 'done' }), 'Observation.status'],
      [glucose(an.id, { colour: 'red' }), 'Observation.colour'],
      [glucose(an.id, { code: undefined }), 'Observation.code'],
      [glucose(an.id, { effectiveDateTime: '01/12/2026' }), 'Observation.effective'],
      [
        glucose(an.id, {
          text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
        }),
        'Observation.text',
      ],
      [glucose(an.id, { encounter: { reference: `Patient/${binh.id}` } }), ''],
      [glucose(an.id, { performer: [{ reference: 'Practitioner/1' }] }), ''],
      [glucose('1'), 'Observation.patient'],
    ];
    for (const [body, place] of wrong) {
      const answer = await call('hospital', 'post', '/Observation', { headers: treat, body });
      expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringContaining(place)]);
      expectOutcome(answer);
    }
  });
});

describe('GET /fhir/metadata', () => {
  it('tells strangers what can be done, and no more than is true', async () => {
    const { body } = (await api.stranger.get('/fhir/metadata')) as unknown as Answer;
    expect(faultsOf(body)).toEqual([]);
    for (const { type, interaction, searchParam } of body.rest[0].resource as {
      type: string;
      interaction: { code: string }[];
      searchParam: { name: string }[];
    }[]) {
      const sub = type === 'AuditEvent' ? 'an' : 'hospital';
      const headers: Record<string, string> = sub === 'an' ? {} : treat;
      for (const { name } of searchParam) {
        const value =
          { _count: '5', date: 'ge2020', _lastUpdated: 'le2030', identifier: 'a|b' }[name] ?? an.id;
        const dated = /date|effective|recorded/.test(name) ? 'ge2020' : value;
        const path = `/${type}?${name}=${encodeURIComponent(dated)}${name === 'patient' ? '' : type === 'Patient' ? `&_id=${an.id}` : `&patient=${an.id}`}`;
        expect([path, (await get(sub, path, headers)).status]).toEqual([path, 200]);
      }
      const may = new Set(interaction.map(({ code }) => code));
      const posted = await call('hospital', 'post', `/${type}`, {
        headers: treat,
        body: { resourceType: type },
      });
      expect([type, posted.status === 405]).toEqual([type, !may.has('create')]);
    }
  });
});

describe('writing', () => {
  it('keeps what the hospital adds, with where it comes from, and hides what is sensitive in it', async () => {
    const created = await call('hospital', 'post', '/Observation', { headers: treat, body: glucose(an.id) });
    expect(created.status).toBe(201);
    const id = created.body.id as string;
    expect(created.headers['location']).toBe(`${api.url}/fhir/Observation/${id}/_history/1`);
    expect((await get('an', `/Observation/${id}`, {})).body).toMatchObject({ valueQuantity: { value: 5.1 } });
    const { entry } = (await get('an', '/Provenance', {})).body;
    const mine = (entry as { resource: { target: { reference: string }[]; agent: unknown[] } }[]).find(
      ({ resource }) => resource.target[0]!.reference.includes(id),
    );
    expect(mine?.resource.agent).toMatchObject([{ onBehalfOf: { identifier: { value: 'H29.61' } } }]);
    const hiv = glucose(an.id, {
      code: { coding: [{ system: 'http://loinc.org', code: '75622-1' }], text: 'HIV' },
    });
    expect((await call('hospital', 'post', '/Observation', { headers: treat, body: hiv })).status).toBe(404);
    expect(
      (await call('hospital', 'post', '/Observation', { headers: treat, body: glucose(binh.id) })).status,
    ).toBe(404);
  });

  it('takes updates of the version that the writer knows, from whoever wrote it', async () => {
    const { body } = await call('hospital', 'post', '/Observation', { headers: treat, body: glucose(an.id) });
    const path = `/Observation/${body.id as string}`;
    const changed = glucose(an.id, { id: body.id, valueQuantity: { value: 5.2, unit: 'mmol/L' } });
    const update = (match: string | undefined, given: unknown = changed) =>
      call('hospital', 'put', path, {
        headers: { ...treat, ...(match ? { 'If-Match': match } : {}) },
        body: given,
      });
    expect((await update('W/"7"')).status).toBe(412);
    const done = await update('W/"1"');
    expect([done.status, done.headers['etag']]).toEqual([200, 'W/"2"']);
    expect((await update('W/"1"')).status).toBe(412);
    expect((await update(undefined, { ...changed, id: an.id })).status).toBe(422);
    expect(
      (await get('hospital', `${path}/_history`)).body.entry.map(
        (each: { resource: { valueQuantity: { value: number } } }) => each.resource.valueQuantity.value,
      ),
    ).toEqual([5.2, 5.1]);
    expect(
      (
        await call('hospital', 'put', '/Observation/00000000-0000-0000-0000-000000000000', {
          headers: treat,
          body: glucose(an.id),
        })
      ).status,
    ).toBe(404);
    const [pulled] = (await get('hospital', `/Immunization?patient=${an.id}`)).body.entry;
    expect(
      (
        await call('hospital', 'put', `/Immunization/${pulled.resource.id}`, {
          headers: treat,
          body: pulled.resource,
        })
      ).status,
    ).toBe(403);
  });

  it('creates and updates on a condition, once however often it is sent', async () => {
    const identifier = [{ system: 'urn:hospital', value: 'XN-1' }];
    const create = () =>
      call('hospital', 'post', '/Observation', {
        headers: { ...treat, 'If-None-Exist': 'identifier=urn:hospital|XN-1' },
        body: glucose(an.id, { identifier }),
      });
    const [first, second] = [await create(), await create()];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
    const put = (query: string) =>
      call('hospital', 'put', `/Observation?${query}`, {
        headers: treat,
        body: glucose(an.id, { identifier, valueQuantity: { value: 6, unit: 'mmol/L' } }),
      });
    expect((await put('identifier=urn:hospital|XN-1')).headers['etag']).toBe('W/"2"');
    expect((await put('identifier=urn:hospital|XN-2')).status).toBe(201);
    expect((await put(`patient=${an.id}`)).status).toBe(412);
    expect((await put('_count=1')).status).toBe(412);
  });

  it('lets one of two win who update at once', async () => {
    const { body } = await call('hospital', 'post', '/Observation', { headers: treat, body: glucose(an.id) });
    const update = () =>
      call('hospital', 'put', `/Observation/${body.id as string}`, { headers: treat, body: glucose(an.id) });
    const statuses = (await Promise.all([update(), update(), update()])).map(({ status }) => status);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    expect(statuses).toContain(200);
  });
});
