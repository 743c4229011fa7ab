/** The legal clock in words. */
import { dayNumber, isoDay, weekdayOf, type DayKind } from './legal-clock-calendar.ts';
import {
  localIso,
  parseLimit,
  runsAlways,
  type Derivation,
  type Limit,
  type NamedDay,
} from './legal-clock.ts';

type Language = 'vi' | 'en';

const weekdays: Record<Language, readonly string[]> = {
  vi: ['Chủ nhật', 'thứ Hai', 'thứ Ba', 'thứ Tư', 'thứ Năm', 'thứ Sáu', 'thứ Bảy'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
};

const units: Record<ReturnType<typeof parseLimit>['unit'], Record<Language, string>> = {
  wh: { vi: 'giờ làm việc', en: 'working hour' },
  wd: { vi: 'ngày làm việc', en: 'working day' },
  d: { vi: 'ngày', en: 'day' },
  m: { vi: 'tháng', en: 'month' },
  min: { vi: 'phút', en: 'minute' },
  h: { vi: 'giờ', en: 'hour' },
};

/** What a day off is, of one day and of several. */
const reasons: Record<DayKind, Record<Language, readonly [string, string]>> = {
  holiday: { vi: ['nghỉ lễ', 'nghỉ lễ'], en: ['is a holiday', 'are holidays'] },
  'compensatory-off': { vi: ['nghỉ bù', 'nghỉ bù'], en: ['is a day off in lieu', 'are days off in lieu'] },
  'swapped-off': {
    vi: ['nghỉ hoán đổi', 'nghỉ hoán đổi'],
    en: ['is off in exchange', 'are off in exchange'],
  },
  'swapped-working': { vi: ['làm việc', 'làm việc'], en: ['is worked', 'are worked'] },
  'emergency-closing': {
    vi: ['đóng cửa khẩn cấp', 'đóng cửa khẩn cấp'],
    en: ['is closed in an emergency', 'are closed in an emergency'],
  },
};

/**
 * Says how a due instant came about, for example "3 working days from Fri 20/11; Tue 24/11 is a holiday (Ngày Văn hóa
 * Việt Nam)". Days of another year than the first carry it.
 */
export function sayDerivation(derivation: Derivation, language: Language): string {
  const { limit, from, countedFrom, daysOff, worked = [], afterCutOff, lastDay } = derivation;
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const year = localIso(from).slice(0, 4);
  const day = (iso: string) => sayDay(iso, year, language);
  const received = localIso(countedFrom);
  const hour = limit.endsWith('wh') || runsAlways(limit) ? ` ${received.slice(11, 16)}` : '';
  const start =
    limit === '0wd'
      ? say('trong ngày làm việc', 'on the working day')
      : `${sayLimit(limit, language)} ${say('kể từ', 'from')}`;
  const said = [`${start} ${day(received.slice(0, 10))}${hour}`];
  if (Date.parse(countedFrom) - Date.parse(from) >= 60_000) {
    const came = `${day(localIso(from).slice(0, 10))} ${localIso(from).slice(11, 16)}`;
    said.push(
      say(
        `đến lúc ${came} ngoài giờ tiếp nhận nên tính từ giờ mở cửa kế tiếp`,
        `it came in on ${came}, outside hours, and counts from the next opening`,
      ),
    );
  }
  if (afterCutOff)
    said.push(say('sau 15 giờ nên tính sang ngày làm việc kế tiếp', 'after 15:00, so the next working day'));
  if (lastDay)
    said.push(
      say(
        `ngày cuối ${day(lastDay)} là ngày nghỉ nên thời hạn kết thúc vào ngày làm việc kế tiếp`,
        `the last day, ${day(lastDay)}, is a day off, so the period ends with the next working day`,
      ),
    );
  for (const days of runsOf(daysOff)) {
    const [first] = days;
    const last = days.at(-1);
    if (!first || !last) continue;
    const reason = reasons[first.kind][language][days.length > 1 ? 1 : 0];
    const which = days.length > 1 ? `${day(first.day)}–${day(last.day)}` : day(first.day);
    said.push(`${which} ${reason} (${first.name})`);
  }
  for (const { day: on, kind, name, hours } of worked) {
    const only = kind === 'swapped-working' ? '' : ` ${say('chỉ', 'only')} ${hours.join(', ')}`;
    said.push(`${day(on)} ${reasons['swapped-working'][language][0]}${only} (${name})`);
  }
  return said.join('; ');
}

function sayLimit(limit: Limit, language: Language): string {
  const { count, unit } = parseLimit(limit);
  const plural = language === 'en' && count !== 1 ? 's' : '';
  return `${count} ${units[unit][language]}${plural}`;
}

function sayDay(iso: string, year: string, language: Language): string {
  const weekday = weekdays[language][weekdayOf(dayNumber(iso))];
  const [inYear, month, day] = iso.split('-');
  return `${weekday} ${day}/${month}${inYear === year ? '' : `/${inYear}`}`;
}

/** Puts days that follow each other for the same reason together. */
function runsOf(days: readonly NamedDay[]): NamedDay[][] {
  const runs: NamedDay[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows =
      last?.name === day.name && last.kind === day.kind && isoDay(dayNumber(last.day) + 1) === day.day;
    if (run && follows) run.push(day);
    else runs.push([day]);
  }
  return runs;
}
