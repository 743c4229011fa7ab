import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ clock: { now: () => new Date('2026-11-20T03:00:00Z') } });
});
afterAll(() => api.stop());

const count = (query: Record<string, string>) => api.stranger.get('/api/v1/clock').query(query);

describe('anybody can count a limit', () => {
  test('over an agency’s calendar, with the derivation in words', async () => {
    const { body } = await api.stranger
      .get('/api/v1/clock?from=2026-11-20T10:00:00%2B07:00&limit=3wd&agency=H29.16')
      .expect(200);
    expect(body).toEqual({
      from: '2026-11-20T10:00:00+07:00',
      limit: '3wd',
      agency: 'H29.16',
      due: '2026-11-26T17:00:00+07:00',
      derivation: {
        limit: '3wd',
        from: '2026-11-20T10:00:00+07:00',
        countedFrom: '2026-11-20T10:00:00+07:00',
        daysOff: [{ day: '2026-11-24', kind: 'holiday', name: 'Ngày Văn hóa Việt Nam' }],
        text: {
          vi: '3 ngày làm việc kể từ thứ Sáu 20/11; thứ Ba 24/11 nghỉ lễ (Ngày Văn hóa Việt Nam)',
          en: '3 working days from Fri 20/11; Tue 24/11 is a holiday (Ngày Văn hóa Việt Nam)',
        },
      },
    });
  });

  test.each([
    ['2026-11-20T03:00:00Z', '8wh', '2026-11-23T10:00:00+07:00'],
    ['2026-11-20T10:00', '8wh', '2026-11-23T10:00:00+07:00'],
    ['2026-11-09T10:00', '15d', '2026-11-25T17:00:00+07:00'],
    ['2026-05-15T10:00', '12m', '2027-05-17T17:00:00+07:00'],
  ])('over the whole country’s: %s + %s', async (from, limit, due) => {
    expect((await count({ from, limit }).expect(200)).body).toMatchObject({ agency: null, due });
  });
});

describe('what cannot be counted is refused, naming each parameter', () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, ['/from', '/limit']],
    [{ from: 'tomorrow', limit: '3 weeks', agency: 'ward 16' }, ['/from', '/limit', '/agency']],
    [{ from: '2026-11-20T10:00:00 07:00', limit: '3wd' }, ['/from']],
    [{ from: '2026-02-30T10:00', limit: '3wd' }, ['/from']],
    [{ from: '2026-11-20T10:00', limit: '99999wd' }, ['/limit']],
    [{ from: '2026-11-20T10:00', limit: '3wd', agency: 'H99' }, ['/agency']],
    [{ from: '2019-11-20T10:00', limit: '3wd' }, ['/from']],
    [{ from: '2026-11-20T10:00', limit: '9999m' }, ['/limit']],
  ])('%j', async (query, pointers) => {
    const { body } = await count(query)
      .expect(400)
      .expect('content-type', /problem\+json/);
    expect(body.type).toBe('/problems/invalid-request');
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
  });

  test('also when a parameter comes twice', async () => {
    const { body } = await api.stranger
      .get('/api/v1/clock?limit=3wd&limit=4wd&from=2026-11-20T10:00')
      .expect(400);
    expect(body.errors).toMatchObject([{ pointer: '/limit' }]);
  });
});

describe('the page', () => {
  test('is an empty form at first, in both languages, and the start page leads to it', async () => {
    expect((await api.stranger.get('/').expect(200)).text).toContain('href="/clock"');
    const page = (await api.stranger.get('/clock').expect(200)).text;
    expect(page).toContain('Tính ngày trả kết quả');
    expect(page).toContain('value="2026-11-20T10:00"');
    expect(page).toContain('Ủy ban nhân dân phường Vũng Tàu');
    expect(page).not.toContain('role="alert"');
    expect((await api.stranger.get('/clock?lang=en').expect(200)).text).toContain('When is a result due?');
  });

  test('tells the due instant and how it was counted', async () => {
    const page = await api.stranger
      .get('/clock')
      .query({ lang: 'en', from: '2026-11-20T10:00', count: '3', unit: 'wd', agency: 'H29.16' })
      .expect(200);
    expect(page.text).toMatch(/<time datetime="2026-11-26T17:00:00\+07:00">Thursday.*26 November 2026/);
    expect(page.text).toContain('<li>Tue 24/11 is a holiday (Ngày Văn hóa Việt Nam)</li>');
    expect(page.text).toContain('<option value="H29.16" selected>');
  });

  test('tells what is wrong in the reader’s language and keeps what was filled in, as text', async () => {
    const query = { lang: 'en', from: '"><script>alert(1)</script>', count: '3', unit: 'weeks' };
    const page = await api.stranger.get('/clock').query(query).expect(400);
    expect(page.text).toContain('role="alert"');
    expect(page.text).toContain('A limit such as 8wh, 3wd, 15d, 12m, 4h or 15min');
    expect(page.text).not.toContain('Thời hạn như');
    expect(page.text).not.toContain('<script>');
  });
});
