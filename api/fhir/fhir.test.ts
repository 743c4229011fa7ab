import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../../fhir/validate.ts';
import { startApi, type TestApi } from '../../testing/api.ts';
import { consentOf, openRecord, type OpenRecord } from '../../testing/health-records.ts';

let api: TestApi;
let an: OpenRecord;
let binh: OpenRecord;
let now = new Date('2026-12-01T02:00:00Z');
const clock = { now: () => now };

beforeAll(async () => {
  api = await startApi({ clock });
  an = await openRecord(api.db, 'an', now, {
    allergies: [{ substance: 'Penicillin', reaction: 'nổi mề đay', severity: 'severe' }],
    bloodType: 'O+',
  });
  binh = await openRecord(api.db, 'binh', now);
  const granted = { from: '2026-12-01', to: '2027-11-30', sensitive: [] };
  await consentOf(
    api.db,
    'an',
    {
      ...granted,
      recipient: 'H29.61',
      purpose: 'treatment',
      classes: ['summary', 'laboratory', 'medication'],
    },
    now,
  );
  await consentOf(
    api.db,
    'an',
    { ...granted, recipient: 'H29.62', purpose: 'insurance', classes: ['laboratory'] },
    now,
  );
});
afterAll(() => api.stop());

const treat = { 'X-Purpose-Of-Use': 'TREAT' };

interface Answer {
  status: number;
  headers: Record<string, string>;
  // Tests read what they expect.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

async function call(
  sub: string,
  method: 'get' | 'post' | 'put',
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const agent = await api.as(sub);
  const request = agent[method](`/fhir${path}`).set(headers);
  if (body === undefined) return (await request) as unknown as Answer;
  return (await request
    .set('Content-Type', 'application/fhir+json')
    .send(JSON.stringify(body))) as unknown as Answer;
}
const get = (sub: string, path: string, headers: Record<string, string> = treat) =>
  call(sub, 'get', path, { headers });

const glucose = (patient: string, more: Record<string, unknown> = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }], text: 'Glucose máu' },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-12-01',
  valueQuantity: { value: 5.1, unit: 'mmol/L' },
  ...more,
});

const isOutcome = ({ headers, body }: Answer) => {
  expect(headers['content-type']).toMatch(/^application\/fhir\+json/);
  expect(body).toMatchObject({ resourceType: 'OperationOutcome' });
  expect(faultsOf(body)).toEqual([]);
};

describe('what is wrong', () => {
  it('is told as an OperationOutcome, whoever finds it', async () => {
    const answers: [number, Promise<Answer>][] = [
      [401, api.stranger.get('/fhir/Patient') as unknown as Promise<Answer>],
      [401, api.stranger.get('/fhir/Patient').set('Authorization', 'Bearer x') as unknown as Promise<Answer>],
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
      isOutcome(told);
    }
    const agent = await api.as('hospital');
    const broken = (await agent
      .post('/fhir/Observation')
      .set({ ...treat, 'Content-Type': 'application/fhir+json' })
      .send('{"resourceType":')) as unknown as Answer;
    expect(broken.status).toBe(400);
    isOutcome(broken);
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
      isOutcome(answer);
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
        const path = `/${type}?${name}=${encodeURIComponent(dated)}${name === 'patient' || type === 'Patient' ? '' : `&patient=${an.id}`}`;
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

describe('reading', () => {
  it('finds a patient by personal number, without the number in any address', async () => {
    const agent = await api.as('hospital');
    const found = (await agent
      .post('/fhir/Patient/_search')
      .set(treat)
      .type('form')
      .send({ identifier: `urn:motcua:vn:personal-number|${an.personalNumber}` })) as unknown as Answer;
    expect(found.body).toMatchObject({ type: 'searchset', total: 1, entry: [{ resource: { id: an.id } }] });
    expect(JSON.stringify(found.body.link)).not.toContain(an.personalNumber);
    expect(faultsOf(found.body)).toEqual([]);
    expect(api.logged.join('\n')).not.toContain(an.personalNumber);
  });

  it('answers a known version with 304, and reads earlier ones', async () => {
    const first = await get('hospital', `/Patient/${an.id}`);
    expect(first.status).toBe(200);
    expect(first.headers['etag']).toBe('W/"1"');
    expect(faultsOf(first.body)).toEqual([]);
    expect((await get('hospital', `/Patient/${an.id}`, { ...treat, 'If-None-Match': 'W/"1"' })).status).toBe(
      304,
    );
    expect((await get('hospital', `/Patient/${an.id}/_history/1`)).body).toMatchObject({
      meta: { versionId: '1' },
    });
    expect((await get('hospital', `/Patient/${an.id}/_history/2`)).status).toBe(404);
    const history = await get('hospital', `/Patient/${an.id}/_history`);
    expect(history.body).toMatchObject({ type: 'history', total: 1 });
    expect(faultsOf(history.body)).toEqual([]);
  });

  it('goes from page to page by links that tell nothing, with the same total', async () => {
    const all = (await get('hospital', `/Immunization?patient=${an.id}`)).body;
    expect(all.total).toBe(3);
    const seen: string[] = [];
    let next: string | undefined = `/Immunization?patient=Patient/${an.id}&_count=1`;
    while (next) {
      const { body } = await get('hospital', next);
      expect(body.total).toBe(3);
      seen.push(...(body.entry as { resource: { id: string } }[]).map(({ resource }) => resource.id));
      const link = (body.link as { relation: string; url: string }[]).find(
        ({ relation }) => relation === 'next',
      );
      expect(link?.url ?? '').not.toContain(an.id);
      next = link && link.url.slice(`${api.url}/fhir`.length);
    }
    expect(seen).toEqual((all.entry as { resource: { id: string } }[]).map(({ resource }) => resource.id));
    const page = (await get('hospital', `/Immunization?patient=${an.id}&_count=1`)).body.link[1]
      .url as string;
    expect(
      (await get('hospital', page.slice(`${api.url}/fhir`.length).replace('Immunization', 'Encounter')))
        .status,
    ).toBe(400);
    expect((await get('hospital', `/Immunization?patient=${an.id}&_count=0`)).body).toMatchObject({
      total: 3,
    });
  });

  it.each([
    ['2021-08-14', 1],
    ['eq2021', 2],
    ['ne2021', 1],
    ['gt2021-08-14', 2],
    ['lt2021-11-06', 1],
    ['ge2021-11-06', 2],
    ['le2021-11-06', 2],
    ['sa2021-08', 2],
    ['eb2021-11', 1],
    ['ap2024-03', 1],
    ['ge2021-08&date=lt2021-11', 1],
  ])('compares dates as FHIR does: date=%s', async (date, count) => {
    const { body } = await get('hospital', `/Immunization?patient=${an.id}&date=${date}`);
    expect(body.total).toBe(count);
  });

  it('gives the summary as a document that is complete in itself', async () => {
    const [composition] = (await get('hospital', `/Composition?patient=${an.id}`)).body.entry;
    const { body } = await get('hospital', `/Composition/${composition.resource.id}/$document`);
    expect(body.type).toBe('document');
    expect(body.entry[0].resource.resourceType).toBe('Composition');
    expect(body.entry[1].resource.id).toBe(an.id);
    expect(faultsOf(body)).toEqual([]);
    const ids = new Set(
      (body.entry as { resource: { resourceType: string; id: string } }[]).map(
        ({ resource }) => `${resource.resourceType}/${resource.id}`,
      ),
    );
    const named = (body.entry[0].resource.section as { entry: { reference: string }[] }[]).flatMap(
      ({ entry }) => entry.map(({ reference }) => reference),
    );
    expect(named.filter((reference) => !ids.has(reference))).toEqual([]);
    expect(JSON.stringify(body)).not.toMatch(/F41|Sertralin/);
  });
});

describe('consent', () => {
  it('shows nothing of a record without one, and looks as if it were not there', async () => {
    expect((await get('hospital', `/Patient/${binh.id}`)).body).toEqual(
      (await get('hospital', '/Patient/00000000-0000-0000-0000-000000000000')).body,
    );
    expect((await get('hospital', '/Patient')).body.total).toBe(1);
    expect((await get('hospital', `/Immunization?patient=${binh.id}`)).body).toMatchObject({ total: 0 });
    expect(
      (await get('insurer', `/Condition?patient=${an.id}`, { 'X-Purpose-Of-Use': 'COVERAGE' })).body.total,
    ).toBe(0);
    expect(
      (await get('insurer', `/Observation?patient=${an.id}`, { 'X-Purpose-Of-Use': 'COVERAGE' })).body.total,
    ).toBe(3);
    expect((await get('insurer', `/Observation?patient=${an.id}`, treat)).body.total).toBe(0);
  });

  it('must name what is sensitive; otherwise that is neither shown nor counted', async () => {
    const own = (await get('an', '/Condition', {})).body;
    expect(own.total).toBe(2);
    const hospital = (await get('hospital', `/Condition?patient=${an.id}`)).body;
    expect(hospital.total).toBe(1);
    const [hidden] = (
      own.entry as { resource: { id: string; meta: { security?: { code: string }[] } } }[]
    ).filter(({ resource }) => resource.meta.security);
    expect(hidden!.resource.meta.security).toMatchObject([{ code: 'PSY' }]);
    expect((await get('hospital', `/Condition/${hidden!.resource.id}`)).status).toBe(404);
    expect((await get('hospital', `/Condition?_id=${hidden!.resource.id}`)).body.total).toBe(0);
    const provenances = (await get('hospital', `/Provenance?patient=${an.id}`)).body;
    expect(JSON.stringify(provenances)).not.toContain(hidden!.resource.id);
  });

  it('is over with its last day, whatever a worker has heard of it', async () => {
    const before = now;
    now = new Date('2027-11-30T16:59:00Z');
    expect((await get('hospital', `/Patient/${an.id}`)).status).toBe(200);
    now = new Date('2027-11-30T17:00:00Z');
    expect((await get('hospital', `/Patient/${an.id}`)).status).toBe(404);
    now = before;
  });

  it('is shown to its citizen and to whom it names, as it is enforced', async () => {
    const own = (await get('an', '/Consent', {})).body;
    expect(own.total).toBe(2);
    expect(faultsOf(own)).toEqual([]);
    expect((await get('hospital', '/Consent')).body.total).toBe(1);
    expect(
      (await get('hospital', `/Consent/${own.entry[0].resource.id}`)).status +
        (await get('hospital', `/Consent/${own.entry[1].resource.id}`)).status,
    ).toBe(604);
  });

  it('gives citizens their own and nobody else’s, whoever is named in it', async () => {
    expect((await get('binh', `/Patient/${an.id}`, {})).status).toBe(404);
    expect((await get('binh', `/Immunization?patient=${an.id}`, {})).body.total).toBe(0);
    expect((await get('binh', '/Immunization', {})).body.total).toBe(1);
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

describe('who has had access', () => {
  it('is told to the citizen in plain words, refusals too, and to nobody else', async () => {
    now = new Date('2026-12-02T02:00:00Z');
    await get('hospital', `/AllergyIntolerance?patient=${an.id}`);
    await get('insurer', `/Condition?patient=${an.id}`, treat);
    const { body } = await get('an', '/AuditEvent?date=ge2026-12-02', {});
    expect(faultsOf(body)).toEqual([]);
    const said = (body.entry as { resource: { outcomeDesc: string; outcome: string } }[]).map(
      ({ resource }) => [resource.outcome, resource.outcomeDesc.split(' · ')[0]],
    );
    expect(said).toEqual(
      expect.arrayContaining([
        [
          '0',
          'Bệnh viện Bà Rịa (Hệ thống thông tin Bệnh viện Bà Rịa) đã xem tiền sử dị ứng, mục đích khám bệnh, chữa bệnh',
        ],
        [
          '4',
          'Công ty Bảo hiểm Sao Biển (Hệ thống Bảo hiểm Sao Biển) đã tìm bệnh và chẩn đoán, mục đích khám bệnh, chữa bệnh nhưng bị từ chối',
        ],
      ]),
    );
    expect((await get('hospital', `/AuditEvent?patient=${an.id}`)).status).toBe(403);
    expect((await get('binh', '/AuditEvent?date=ge2026-12-02', {})).body.total).toBe(0);
  });

  it('is one entry for a search, however much it finds', async () => {
    const count = async () =>
      Number((await api.db('health_accesses').count<{ count: string }[]>('*'))[0]!.count);
    const before = await count();
    await get('hospital', `/Immunization?patient=${an.id}`);
    expect((await count()) - before).toBe(1);
  });
});
