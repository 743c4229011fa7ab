import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../../fhir/validate.ts';
import { treat, openFhirOffice, type FhirOffice, type Answer } from '../../testing/fhir.ts';

let api: FhirOffice['api'];
let an: FhirOffice['an'];
let binh: FhirOffice['binh'];
let time: FhirOffice['time'];
let get: FhirOffice['get'];
beforeAll(async () => {
  ({ api, an, binh, time, get } = await openFhirOffice());
});
afterAll(() => api.stop());

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
    expect((await get('hospital', `/Patient?_id=${binh.id},${an.id}`)).body.total).toBe(1);
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
    const before = time.now;
    time.now = new Date('2027-11-30T16:59:00Z');
    expect((await get('hospital', `/Patient/${an.id}`)).status).toBe(200);
    time.now = new Date('2027-11-30T17:00:00Z');
    expect((await get('hospital', `/Patient/${an.id}`)).status).toBe(404);
    time.now = before;
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

describe('who has had access', () => {
  it('is told to the citizen in plain words, refusals too, and to nobody else', async () => {
    time.now = new Date('2026-12-02T02:00:00Z');
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
