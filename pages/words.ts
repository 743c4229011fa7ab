import type { Language } from '../api/language.ts';
import type { Text } from '../workflows/engine/index.ts';

/** Who performs a task, in plain words. */
const performers: Readonly<Record<string, Text>> = {
  citizen: { vi: 'Người nộp hồ sơ', en: 'The applicant' },
  reception: { vi: 'Bộ phận Một cửa', en: 'The one-stop office' },
  specialist: { vi: 'Chuyên viên', en: 'A specialist' },
  head: { vi: 'Lãnh đạo phòng', en: 'The head of the section' },
  leader: { vi: 'Lãnh đạo cơ quan', en: 'The leader of the agency' },
  clerk: { vi: 'Văn thư', en: 'The clerk' },
  field: { vi: 'Đội hiện trường', en: 'The field team' },
  sensor: { vi: 'Thiết bị cảm biến', en: 'A sensor' },
  consulted: { vi: 'Cơ quan được lấy ý kiến', en: 'The agency that is consulted' },
  committee: { vi: 'Thành viên ban chỉ đạo', en: 'A member of the steering committee' },
  treasury: { vi: 'Kho bạc', en: 'The treasury' },
  registry: { vi: 'Cơ sở dữ liệu', en: 'The registry' },
  clinician: { vi: 'Nhân viên y tế', en: 'A health worker' },
  recipient: { vi: 'Bên nhận dữ liệu sức khỏe', en: 'A recipient of health data' },
  engine: { vi: 'Hệ thống', en: 'This system' },
  admin: { vi: 'Quản trị viên', en: 'An administrator' },
};

/** Names a role in plain words. */
export const performer = (role: string): Text => performers[role] ?? { vi: role, en: role };

const units: Readonly<Record<string, Text>> = {
  wh: { vi: 'giờ làm việc', en: 'working hours' },
  wd: { vi: 'ngày làm việc', en: 'working days' },
  d: { vi: 'ngày', en: 'days' },
  m: { vi: 'tháng', en: 'months' },
  h: { vi: 'giờ', en: 'hours' },
  min: { vi: 'phút', en: 'minutes' },
};

/** A time limit in words: `7wd` is seven working days, `0wd` the day of receipt itself, `promised` whatever was promised in the case. */
export function sayLimit(limit: string): Text {
  if (limit === '0wd') return { vi: 'trong ngày làm việc', en: 'the same working day' };
  if (limit === 'told') return { vi: 'đến thời điểm được báo', en: 'until the time that is told' };
  if (limit === 'promised') return { vi: 'thời hạn chung của hồ sơ', en: 'the time limit of the case' };
  const [, count = '', unit = ''] = /^(\d+)(wh|wd|d|min|m|h)$/.exec(limit) ?? [];
  const words = units[unit] ?? { vi: unit, en: unit };
  return {
    vi: `${count} ${words.vi}`,
    en: `${count} ${count === '1' ? words.en.replace(/s$/, '') : words.en}`,
  };
}

const silences: Readonly<Record<string, Text>> = {
  consent: { vi: 'im lặng là đồng ý', en: 'silence is consent' },
  refusal: { vi: 'quá hạn là từ chối', en: 'silence is refusal' },
  acceptance: { vi: 'quá hạn là chấp nhận', en: 'silence is acceptance' },
  closing: { vi: 'quá hạn thì dừng hồ sơ', en: 'silence closes the case' },
};

/** What silence means in law, in words. */
export const saySilence = (silence: string | undefined): Text | undefined => silences[silence ?? ''];

// Made once: a formatter costs more than a hundred numbers.
const numbers = {
  vi: new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 6 }),
  en: new Intl.NumberFormat('en-GB', { maximumFractionDigits: 6 }),
};

/** A number as people write it. */
export const sayNumber = (value: number, language: Language): string => numbers[language].format(value);

/** An amount of đồng as people write it. */
export const sayMoney = (amount: number, language: Language): string =>
  `${sayNumber(amount, language)} ${language === 'vi' ? 'đồng' : 'VND'}`;

/** A text without its diacritics and in small letters, for searching: `Khai sinh` is found by `khai sinh` and by `KHAI SINH`. */
export const folded = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[đĐ]/g, 'd').toLocaleLowerCase('vi');
