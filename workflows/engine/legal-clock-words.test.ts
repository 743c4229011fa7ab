import { expect, it } from 'vitest';
import { sampleCalendar } from '../../testing/calendar.ts';
import { sayDerivation } from './legal-clock-words.ts';
import { dueAt, type Limit } from './legal-clock.ts';

const calendar = sampleCalendar([
  { day: '2026-10-05', kind: 'emergency-closing', name: 'Bão số 13', closed: null },
  { day: '2026-10-15', kind: 'emergency-closing', name: 'Mất điện', closed: '15:00-24:00' },
]);

it.each<[string, Limit, string, string]>([
  [
    '2026-11-20T10:00',
    '3wd',
    '3 ngày làm việc kể từ thứ Sáu 20/11; thứ Ba 24/11 nghỉ lễ (Ngày Văn hóa Việt Nam)',
    '3 working days from Fri 20/11; Tue 24/11 is a holiday (Ngày Văn hóa Việt Nam)',
  ],
  [
    '2026-11-20T16:00',
    '8wh',
    '8 giờ làm việc kể từ thứ Sáu 20/11 16:00',
    '8 working hours from Fri 20/11 16:00',
  ],
  [
    '2026-11-20T18:00',
    '1wd',
    '1 ngày làm việc kể từ thứ Bảy 21/11; đến lúc thứ Sáu 20/11 18:00 ngoài giờ tiếp nhận nên tính từ giờ mở cửa kế tiếp',
    '1 working day from Sat 21/11; it came in on Fri 20/11 18:00, outside hours, and counts from the next opening',
  ],
  [
    '2026-12-28T10:00',
    '30wd',
    '30 ngày làm việc kể từ thứ Hai 28/12; thứ Sáu 01/01/2027 nghỉ lễ (Tết Dương lịch); thứ Sáu 05/02/2027–thứ Ba 09/02/2027 nghỉ lễ (Tết Nguyên đán); thứ Tư 10/02/2027–thứ Năm 11/02/2027 nghỉ bù (Nghỉ bù Tết Nguyên đán)',
    '30 working days from Mon 28/12; Fri 01/01/2027 is a holiday (Tết Dương lịch); Fri 05/02/2027–Tue 09/02/2027 are holidays (Tết Nguyên đán); Wed 10/02/2027–Thu 11/02/2027 are days off in lieu (Nghỉ bù Tết Nguyên đán)',
  ],
  [
    '2026-08-21T10:00',
    '2wd',
    '2 ngày làm việc kể từ thứ Sáu 21/08; thứ Bảy 22/08 làm việc (Làm bù cho 31/08)',
    '2 working days from Fri 21/08; Sat 22/08 is worked (Làm bù cho 31/08)',
  ],
  [
    '2026-11-09T10:00',
    '15d',
    '15 ngày kể từ thứ Hai 09/11; ngày cuối thứ Ba 24/11 là ngày nghỉ nên thời hạn kết thúc vào ngày làm việc kế tiếp; thứ Ba 24/11 nghỉ lễ (Ngày Văn hóa Việt Nam)',
    '15 days from Mon 09/11; the last day, Tue 24/11, is a day off, so the period ends with the next working day; Tue 24/11 is a holiday (Ngày Văn hóa Việt Nam)',
  ],
  [
    '2026-11-23T15:30',
    '0wd',
    'trong ngày làm việc thứ Hai 23/11; sau 15 giờ nên tính sang ngày làm việc kế tiếp; thứ Ba 24/11 nghỉ lễ (Ngày Văn hóa Việt Nam)',
    'on the working day Mon 23/11; after 15:00, so the next working day; Tue 24/11 is a holiday (Ngày Văn hóa Việt Nam)',
  ],
  [
    '2026-10-02T10:00',
    '1wd',
    '1 ngày làm việc kể từ thứ Sáu 02/10; thứ Hai 05/10 đóng cửa khẩn cấp (Bão số 13)',
    '1 working day from Fri 02/10; Mon 05/10 is closed in an emergency (Bão số 13)',
  ],
  ['2026-11-21T23:30', '15min', '15 phút kể từ thứ Bảy 21/11 23:30', '15 minutes from Sat 21/11 23:30'],
  ['2026-11-23T16:00', '4h', '4 giờ kể từ thứ Hai 23/11 16:00', '4 hours from Mon 23/11 16:00'],
  [
    '2026-10-15T14:30',
    '1wh',
    '1 giờ làm việc kể từ thứ Năm 15/10 14:30; thứ Năm 15/10 làm việc chỉ 07:30-11:30, 13:00-15:00 (Mất điện)',
    '1 working hour from Thu 15/10 14:30; Thu 15/10 is worked only 07:30-11:30, 13:00-15:00 (Mất điện)',
  ],
])('%s + %s is said in words', (from, limit, vi, en) => {
  const { derivation } = dueAt(new Date(`${from}:00+07:00`), limit, calendar);
  const kept = JSON.parse(JSON.stringify(derivation)) as typeof derivation;
  expect(sayDerivation(kept, 'vi')).toBe(vi);
  expect(sayDerivation(kept, 'en')).toBe(en);
});
