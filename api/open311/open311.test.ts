import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyCity } from '../../records/city.ts';
import { sampleCity } from '../../embedded/samples.ts';
import { procedures } from '../../workflows/catalogue.ts';
import { startApi, type TestApi } from '../../testing/api.ts';
import { writeXml } from './xml.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi({ procedures });
  await applyCity(api.db, sampleCity(), api.clock.now());
  const admin = await api.as('admin');
  const wanted = { name: 'Ứng dụng thử', contact: 'dev@example.vn', most: 20 };
  const made = await admin
    .post('/api/v1/api-keys')
    .set('idempotency-key', 'make-a-key')
    .send(wanted)
    .expect(201);
  key = (made.body as { key: string }).key;
});
afterAll(() => api.stop());

const base = '/open311/v2';
const parser = new XMLParser({ parseTagValue: false });
const xmlOf = (text: string) => parser.parse(text) as Record<string, never>;
const lamp = (more: Record<string, string> = {}) => ({
  api_key: key,
  service_code: 'street-light',
  lat: '10.3415',
  long: '107.081',
  description: 'Đèn đường không sáng <ba đêm> & rất tối.',
  'attribute[fault]': 'dark',
  ...more,
});
const post = (body: Record<string, string>, ending = '.json') =>
  api.stranger.post(`${base}/requests${ending}`).type('form').send(body);

describe('Open311', () => {
  it('refuses a report without a key, with a wrong or a revoked one, in the format that was asked for', async () => {
    const { api_key: _none, ...keyless } = lamp();
    const { body } = await post(keyless).expect(403);
    expect(body).toEqual([{ code: 403, description: 'api_key: thiếu hoặc không đúng' }]);
    const answer = await post(lamp({ api_key: 'mc_wrong' }), '.xml')
      .set('accept-language', 'en')
      .expect(403);
    expect(answer.headers['content-type']).toBe('text/xml; charset=utf-8');
    expect(xmlOf(answer.text)['errors']).toEqual({
      error: { code: '403', description: 'api_key: missing or invalid' },
    });
    const admin = await api.as('admin');
    const made = await admin
      .post('/api/v1/api-keys')
      .set('idempotency-key', 'another-key')
      .send({ name: 'x', contact: 'y' });
    const { id, key: other } = made.body as { id: string; key: string };
    await (
      await api.as('an')
    )
      .delete(`/api/v1/api-keys/${id}`)
      .set('idempotency-key', 'revoke-not')
      .expect(403);
    await admin.delete(`/api/v1/api-keys/${id}`).set('idempotency-key', 'revoke-it').expect(204);
    await post(lamp({ api_key: other })).expect(403);
    // The key itself is nowhere.
    expect(JSON.stringify(await api.db('api_keys'))).not.toContain(key);
    expect(JSON.stringify(await api.db('idempotency_keys'))).not.toContain(key);
  });

  it('says what is missing or wrong by its own names and codes', async () => {
    for (const [wrong, status, description] of [
      [{ service_code: '' }, 400, 'service_code: bắt buộc'],
      [{ service_code: 'nothing' }, 404, 'service_code: không có lĩnh vực này'],
      [{ service_code: 'sensor-flood' }, 404, 'service_code: không có lĩnh vực này'],
      [{ lat: '' }, 400, 'lat, long: bắt buộc'],
      [
        { lat: '', long: '', address_string: '12 Hoàng Diệu' },
        400,
        'lat, long: bắt buộc; ở đây không tra địa chỉ thành tọa độ',
      ],
      [{ 'attribute[fault]': '' }, 400, 'attribute[fault]: Bắt buộc'],
      [{ 'attribute[fault]': 'green' }, 400, 'attribute[fault]: Chọn một giá trị trong danh sách'],
      [{ 'attribute[colour]': 'green' }, 400, 'attribute[colour]: Lĩnh vực này không hỏi mục này'],
      [{ jurisdiction_id: 'elsewhere.example' }, 404, 'jurisdiction_id: chỉ phục vụ 127.0.0.1'],
    ] as const) {
      const { body } = await post(lamp(wrong)).expect(status);
      expect(body).toEqual([{ code: status, description }]);
    }
    await api.stranger.get(`${base}/requests/H29.22-200101-0001.json`).expect(404);
    await api.stranger.get(`${base}/services/nothing.xml`).expect(404);
    await api.stranger.get(`${base}/requests.json?start_date=yesterday`).expect(400);
  });

  it('is discovered, lists services and what each asks, as JSON, as XML, and as the program accepts', async () => {
    const { body: found } = await api.stranger.get('/open311/discovery.json').expect(200);
    expect(found.endpoints[0]).toMatchObject({ url: `${api.config.publicUrl}${base}`, type: 'production' });
    const xml = xmlOf((await api.stranger.get('/open311/discovery.xml').expect(200)).text);
    expect(xml['discovery']).toMatchObject({
      endpoints: { endpoint: { formats: { format: ['text/xml', 'application/json'] } } },
    });
    const { body: services } = await api.stranger.get(`${base}/services.json?lang=en`).expect(200);
    expect(services).toContainEqual({
      service_code: 'street-light',
      service_name: 'Street light',
      description: 'Street lights that are dark, flicker or are broken',
      metadata: true,
      type: 'realtime',
      keywords: 'lamp, dark, đèn đường, cột đèn, tối',
      group: 'Roads and works',
    });
    const accepted = await api.stranger.get(`${base}/services`).set('accept', 'application/json').expect(200);
    expect(accepted.headers['content-type']).toContain('application/json');
    const plain = await api.stranger.get(`${base}/services`).expect(200);
    expect(plain.text).toMatch(
      /^<\?xml version="1.0" encoding="utf-8"\?>\n<services><service><service_code>/,
    );
    const { body: definition } = await api.stranger
      .get(`${base}/services/street-light.json?lang=en`)
      .expect(200);
    expect(definition).toMatchObject({
      service_code: 'street-light',
      attributes: [
        { variable: true, code: 'pole', datatype: 'string', required: false, order: 1 },
        {
          code: 'fault',
          datatype: 'multivaluelist',
          required: true,
          values: [{ key: 'dark', name: 'Dark' }, {}, {}],
        },
      ],
    });
    const asXml = xmlOf((await api.stranger.get(`${base}/services/street-light.xml`).expect(200)).text);
    expect(asXml['service_definition']).toMatchObject({
      attributes: { attribute: [{ datatype: 'string' }, { values: { value: [{ key: 'dark' }, {}, {}] } }] },
    });
  });

  it('takes a report once, however often it is sent, and tells of it nothing that is not public', async () => {
    const sent = lamp({
      first_name: 'Văn Bí',
      last_name: 'Nguyễn',
      phone: '+84 912 345 678',
      email: 'bi@example.vn',
    });
    const { body } = await post(sent).expect(201);
    const [{ service_request_id: code, service_notice: notice }] = body;
    expect(code).toMatch(/^H29\.22-\d{6}-\d{4}$/);
    expect(notice).toBeNull();
    expect((await post(sent).expect(201)).body).toEqual(body);
    const filed = await api.db('cases').where({ code }).first();
    expect(filed.applicant).toEqual({
      fullName: 'Nguyễn Văn Bí',
      phone: '0912345678',
      email: 'bi@example.vn',
      hideName: true,
    });
    const { body: read } = await api.stranger.get(`${base}/requests/${code}.json`).expect(200);
    expect(read).toHaveLength(1);
    expect(read[0]).toMatchObject({
      status: 'open',
      service_code: 'street-light',
      description: null,
      lat: 10.3415,
      long: 107.081,
    });
    expect(read[0].requested_datetime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/);
    expect(JSON.stringify(read)).not.toMatch(/Bí|912|bi@|tối/);
    await api.db('incidents').where({ case_code: code }).update({ words: 'Đèn <tắt> & tối \u0007' });
    const { text } = await api.stranger.get(`${base}/requests/${code}.xml`).expect(200);
    expect(xmlOf(text)['service_requests']).toMatchObject({
      request: { service_request_id: code, description: 'Đèn <tắt> & tối' },
    });
    const token = await api.stranger.get(`${base}/tokens/${code}.json`).expect(200);
    expect(token.body).toEqual([{ service_request_id: code, token: code }]);
  });

  it('lists reports by ids, service, time and state, page by page', async () => {
    const { body } = await post(lamp({ description: 'Một đèn khác bị nhấp nháy.', device_id: 'phone-1' }), '')
      .set('accept', 'application/json')
      .expect(201);
    const [{ service_request_id: code }] = body;
    const list = async (query: string) =>
      (
        (await api.stranger.get(`${base}/requests.json?${query}`).expect(200)).body as {
          service_request_id: string;
        }[]
      ).map(({ service_request_id: id }) => id);
    expect(await list(`service_request_id=${code},H29.22-200101-0001&status=closed`)).toEqual([code]);
    expect(await list('service_code=street-light&status=open')).toContain(code);
    expect(await list('service_code=waste,pothole')).toEqual([]);
    expect(await list('status=closed')).toEqual([]);
    expect(await list('start_date=2020-01-01T00:00:00Z&end_date=2020-02-01T00:00:00%2B07:00')).toEqual([]);
    const all = await list('');
    expect(await list('page_size=1&page=2')).toEqual(all.slice(1, 2));
  });

  it('counts how often a key reports in a minute', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 25; count++) {
      const answer = await post(lamp({ description: `Đèn thứ ${count} trên đường không sáng.` }));
      statuses.push(answer.status);
    }
    expect(statuses.at(-1)).toBe(429);
  });
});

it('XML escapes what it must and leaves out what XML cannot hold', () => {
  expect(writeXml('a', { b: '<&>', c: null, d: [1, 2], e: '\u0000x' }, { d: 'i' })).toBe(
    '<?xml version="1.0" encoding="utf-8"?>\n<a><b>&lt;&amp;&gt;</b><c/><d><i>1</i><i>2</i></d><e>x</e></a>\n',
  );
  expect(() => writeXml('a', { d: [1] }, {})).toThrow('items of "d"');
});
