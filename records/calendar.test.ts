import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCity } from '../embedded/samples.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { calendarOf, hoursOfDay } from '../workflows/engine/legal-clock-calendar.ts';
import { changeCalendar, readCalendar } from './calendar.ts';
import { cityCalendarRows } from './calendar-file.ts';
import { applyCity, City } from './city.ts';
import { nationalDays } from './national-calendar.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const at = new Date('2026-11-20T03:00:00Z');
const admin = { sub: 'admin', name: 'Quản trị', roles: ['admin' as const] };
const why = { actor: admin, at, reason: { vi: 'Bão', en: 'Storm' }, legalBasis: 'Công điện 1' };
const day = (kind: 'emergency-closing' | 'holiday' | 'swapped-working', closed: string | null = null) => ({
  kind,
  name: 'Bão số 13',
  closed,
  legalBasis: 'Công điện 1',
});
const changes = (agency: string) =>
  database.db('calendar_changes').where({ agency }).orderBy('id').select('change', 'reason', 'actor');
const hours = async (agency: string, on: string) =>
  hoursOfDay(on, calendarOf(await readCalendar(database.db, agency)));
const ordinary = ['07:30-11:30', '13:00-17:00'];

describe('the national calendar', () => {
  const off = (year: number) =>
    nationalDays({ from: year, to: year })
      .filter(({ kind, day }) => kind !== 'swapped-working' && ![0, 6].includes(new Date(day).getUTCDay()))
      .map(({ day }) => day.slice(5));
  const worked = (year: number) =>
    nationalDays({ from: year, to: year })
      .filter(({ kind }) => kind === 'swapped-working')
      .map(({ day }) => day.slice(5));

  // The Prime Minister's announcements, on working days of the week.
  it.each([
    [2025, '01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 05-02 09-01 09-02', '04-26'],
    [
      2026,
      '01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-27 04-30 05-01 08-31 09-01 09-02 11-24',
      '01-10 08-22',
    ],
    [2027, '01-01 02-05 02-08 02-09 02-10 02-11 04-16 04-30 05-03 09-02 09-03 11-24', ''],
  ])('of %i is as announced, or as the law makes it (Labour Code Art. 111.3, 112)', (year, days, swapped) => {
    expect(off(year).join(' ')).toBe(days);
    expect(worked(year).join(' ')).toBe(swapped);
  });

  it.each([
    [2028, '05-02'], // 30 April is a Sunday, 1 May a holiday: the Tuesday is off for it
    [2033, '04-11'], // Hùng Kings on Saturday
    [2036, '04-07'], // Hùng Kings on Sunday
  ])('of %i gives %s in lieu of a holiday on a weekend', (year, inLieu) => {
    expect(nationalDays({ from: year, to: year })).toContainEqual(
      expect.objectContaining({ day: `${year}-${inLieu}`, kind: 'compensatory-off' }),
    );
  });

  it('has Tết as Vietnam counts the moon: 2030 a day before China', () => {
    expect(off(2030)).toEqual(expect.arrayContaining(['02-01', '02-04', '02-05']));
    expect(nationalDays({ from: 2030, to: 2030 })).toContainEqual(
      expect.objectContaining({ day: '2030-02-02', name: 'Tết Nguyên đán' }),
    );
  });

  it('knows no lunar dates beyond its table, and says so', () => {
    expect(() => nationalDays({ from: 2036, to: 2037 })).toThrow('lunar dates of 2037 are not known');
  });

  it('takes what a city’s file announces for a year in place of the default', () => {
    const city = City.parse({
      ...sampleCity(),
      announced: { '2027': { first: { tet: -2 }, swaps: [{ off: '2027-09-01', work: '2027-08-28' }] } },
    });
    const calendar = calendarOf(cityCalendarRows(city));
    expect(hoursOfDay('2027-02-04', calendar)).toEqual([]);
    expect(hoursOfDay('2027-02-10', calendar)).toEqual([]);
    expect(hoursOfDay('2027-02-11', calendar)).toEqual(ordinary);
    expect(hoursOfDay('2027-08-28', calendar)).toEqual(ordinary);
  });
});

describe('the calendar of an agency', () => {
  it('is what the whole country has where nobody says otherwise', async () => {
    expect(await hours('H29.16', '2026-11-23')).toEqual(ordinary);
    expect(await hours('H29.16', '2026-11-24')).toEqual([]);
    expect(await hours('H29.16', '2026-11-21')).toEqual([]);
    expect(await readCalendar(database.db, 'G01.07')).toEqual({
      ...cityCalendarRows(sampleCity()),
      days: expect.arrayContaining([...cityCalendarRows(sampleCity()).days]) as unknown,
    });
  });

  it('has the closings of the agencies above it, and decides otherwise for itself', async () => {
    await database.db.transaction(async (trx) => {
      await changeCalendar(
        trx,
        'H29',
        { days: [{ day: '2026-12-01', after: day('emergency-closing') }] },
        why,
      );
      await changeCalendar(
        trx,
        'H29.17',
        { days: [{ day: '2026-12-01', after: day('swapped-working') }] },
        why,
      );
      await changeCalendar(
        trx,
        'H29.16',
        { days: [{ day: '2026-12-02', after: day('emergency-closing', '13:00-24:00') }] },
        why,
      );
    });
    expect(await hours('H29.16', '2026-12-01')).toEqual([]);
    expect(await hours('H29.17', '2026-12-01')).toEqual(ordinary);
    expect(await hours('G01.07', '2026-12-01')).toEqual(ordinary);
    expect(await hours('H29.16', '2026-12-02')).toEqual(['07:30-11:30']);
    expect(await hours('H29.17', '2026-12-02')).toEqual(ordinary);
  });

  it('has the hours that were in force on the day, its own before those above it', async () => {
    const week = (span: string) => ({
      work: { mon: [span], tue: [span] },
      intake: {},
      legalBasis: 'Quyết định 2',
    });
    await database.db.transaction(async (trx) => {
      await changeCalendar(
        trx,
        'H29.17',
        { hours: [{ validFrom: '2027-06-01', after: week('08:00-12:00') }] },
        why,
      );
      await changeCalendar(
        trx,
        'H29',
        { hours: [{ validFrom: '2027-07-01', after: week('09:00-12:00') }] },
        why,
      );
    });
    expect(await hours('H29.17', '2027-05-31')).toEqual(ordinary);
    expect(await hours('H29.17', '2027-06-01')).toEqual(['08:00-12:00']);
    expect(await hours('H29.17', '2027-06-02')).toEqual([]);
    expect(await hours('H29.17', '2027-07-05')).toEqual(['08:00-12:00']);
    expect(await hours('H29.16', '2027-06-28')).toEqual(ordinary);
    expect(await hours('H29.16', '2027-07-05')).toEqual(['09:00-12:00']);
  });
});

describe('changes of a calendar', () => {
  it('are kept with their reason and what was before, and never rewritten', async () => {
    const kept = await changes('H29.17');
    expect(kept[0]).toMatchObject({
      actor: { sub: 'admin' },
      reason: why.reason,
      change: { days: [{ day: '2026-12-01', before: null, after: { kind: 'swapped-working' } }], hours: [] },
    });
    await expect(database.db('calendar_changes').delete()).rejects.toThrow('insert-only');
    await expect(database.db('calendar_changes').update({ agency: '' })).rejects.toThrow('insert-only');
  });

  it('are none when everything is as wanted', async () => {
    const before = await changes('H29.17');
    const made = await database.db.transaction((trx) =>
      changeCalendar(trx, 'H29.17', { days: [{ day: '2026-12-01', after: day('swapped-working') }] }, why),
    );
    expect(made).toBeUndefined();
    expect(await changes('H29.17')).toEqual(before);
  });

  it('by the city’s file touch only what the file has changed: what people decided meanwhile stays', async () => {
    const change = (agency: string, on: string, after: ReturnType<typeof day> | null) =>
      database.db.transaction((trx) => changeCalendar(trx, agency, { days: [{ day: on, after }] }, why));
    const file = { day: '2027-03-01', kind: 'holiday', name: 'Lễ hội', agency: 'H29.16' };
    const city = (calendar: unknown[]) => City.parse({ ...sampleCity(), calendar });
    await applyCity(database.db, city([file]), at);
    expect(await hours('H29.16', '2027-03-01')).toEqual([]);
    await change('H29.16', '2027-03-01', null);
    await applyCity(database.db, city([file]), at);
    expect(await hours('H29.16', '2027-03-01')).toEqual(ordinary);

    const told = (await changes('H29.16')).length;
    await applyCity(database.db, city([file, { ...file, day: '2027-03-02' }]), at);
    expect(await hours('H29.16', '2027-03-01')).toEqual(ordinary);
    expect(await hours('H29.16', '2027-03-02')).toEqual([]);
    await applyCity(database.db, city([]), at);
    expect(await hours('H29.16', '2027-03-02')).toEqual(ordinary);
    expect(await hours('H29.16', '2026-12-02')).toEqual(['07:30-11:30']);
    expect((await changes('H29.16')).length).toBe(told + 2);
  });
});
