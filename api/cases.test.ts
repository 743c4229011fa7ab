import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, openRepair } from '../testing/light-case.ts';
import { files } from '../testing/street-light.ts';

let api: TestApi;
let code: string;
beforeAll(async () => {
  api = await startApi();
  code = await fileCase(api);
});
afterAll(() => api.stop());

const paths = () => [
  `/api/v1/cases/${code}`,
  `/api/v1/cases/${code}/timeline`,
  `/api/v1/cases/${code}/papers/1`,
];

test('a stranger, another citizen and an officer of another ward see nothing of a case', async () => {
  for (const path of paths()) {
    expect((await api.stranger.get(path)).status).toBe(401);
    expect((await (await api.as('binh')).get(path)).body).toMatchObject({ type: '/problems/not-yours' });
    const other = await (await api.as('tamthang.reception')).get(path);
    expect(other.body).toMatchObject({ type: '/problems/wrong-agency', status: 403 });
  }
});

test('a code that is none is refused, one that nobody has is not found', async () => {
  const an = await api.as('an');
  expect((await an.get('/api/v1/cases/1')).status).toBe(400);
  expect((await an.get('/api/v1/cases/H29.16-200101-0001')).status).toBe(404);
});

test('the applicant sees where the case stands and who acts next', async () => {
  const dueAt = new Date('2026-12-01T10:00:00Z');
  const repair = await openRepair(api, code, dueAt);
  const answer = await (await api.as('an')).get(`/api/v1/cases/${code}`).expect(200);
  expect(answer.body).toMatchObject({
    code,
    procedure: { id: 'streetLight', code: '9.000001', title: { vi: 'Báo hỏng đèn đường' } },
    agency: { code: 'H29.16', name: { en: "People's Committee of Vung Tau Ward" } },
    state: { code: 1, name: { vi: 'Mới đăng ký', en: 'Filed' } },
    clock: 'not-started',
    next: [
      { id: repair, title: { en: 'Repair the light' }, role: 'specialist', deadline: dueAt.toISOString() },
    ],
    papers: [
      { number: 1, kind: 'photo', title: { en: 'Photo' }, fileName: 'ảnh đèn.jpg', mediaType: 'image/jpeg' },
    ],
    documents: [],
  });
});

test('the ward’s officers read its papers and its record, which names no citizen', async () => {
  const reception = await api.as('vungtau.reception');
  const paper = await reception.get(`/api/v1/cases/${code}/papers/1`).buffer(true).expect(200);
  expect((paper.body as Buffer).equals(files.jpeg)).toBe(true);
  expect((await reception.get(`/api/v1/cases/${code}/papers/2`)).status).toBe(404);

  const timeline = await reception.get(`/api/v1/cases/${code}/timeline`).expect(200);
  expect(timeline.body.items).toMatchObject([{ number: 1, event: 'filed', actor: { roles: ['citizen'] } }]);
  expect(JSON.stringify(timeline.body)).not.toContain('Nguyễn');
});

test('each sees their own list, page by page', async () => {
  const second = await fileCase(api);
  const an = await api.as('an');
  const first = await an.get('/api/v1/cases?limit=1').expect(200);
  expect(first.body.items).toMatchObject([{ code: second }]);
  const rest = await an
    .get('/api/v1/cases')
    .query({ limit: 1, cursor: String(first.body.next) })
    .expect(200);
  expect(rest.body).toMatchObject({ items: [{ code }] });
  expect(rest.body.next).toBeUndefined();
  expect((await (await api.as('binh')).get('/api/v1/cases')).body).toEqual({ items: [] });
  expect((await (await api.as('vungtau.head')).get('/api/v1/cases?state=1')).body.items).toHaveLength(2);
  expect((await (await api.as('tamthang.head')).get('/api/v1/cases')).body.items).toHaveLength(0);
});

test.each(['limit=0', 'limit=1000', 'cursor=nonsense', 'state=11'])(
  'a list is not asked for with %s',
  async (query) => {
    const answer = await (await api.as('an')).get(`/api/v1/cases?${query}`);
    expect(answer.body).toMatchObject({ type: '/problems/invalid-request', status: 400 });
  },
);
