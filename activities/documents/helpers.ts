import handlebars from 'handlebars';
import QRCode from 'qrcode';
import { ReadingConfig, doReadNumber } from 'read-vietnamese-number';
import { pngOf } from './png.ts';

/** Vietnam keeps UTC+7 all year, so a fixed shift gives the wall clock without asking Intl for every field. */
const vietnamOffset = 7 * 60 * 60 * 1000;

/** An instant's wall clock in Asia/Ho_Chi_Minh, each part as it is printed: two digits, years four. */
interface WallClock {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
}

function wallClock(instant: unknown): WallClock {
  const time = instant instanceof Date ? instant : new Date(String(instant));
  if (Number.isNaN(time.getTime())) throw new Error(`${JSON.stringify(instant)} is not an instant`);
  const [year, month, day, hour, minute, second] = new Date(time.getTime() + vietnamOffset)
    .toISOString()
    .split(/[-T:.]/) as [string, string, string, string, string, string];
  return { year, month, day, hour, minute, second };
}

/** An instant as an official document words it: `ngày 05 tháng 02 năm 2026` (a leading 0 for days < 10, months 1 and 2). */
export function dateInWords(instant: unknown): string {
  const { year, month, day } = wallClock(instant);
  return `ngày ${day} tháng ${Number(month) > 2 ? Number(month) : month} năm ${year}`;
}

/** An instant as `dd/MM/yyyy`, Vietnamese time. */
export function date(instant: unknown): string {
  const { year, month, day } = wallClock(instant);
  return `${day}/${month}/${year}`;
}

/** An instant as `dd/MM/yyyy HH:mm`, Vietnamese time. */
export function dateTime(instant: unknown): string {
  const { hour, minute } = wallClock(instant);
  return `${date(instant)} ${hour}:${minute}`;
}

/** An instant as the legal forms word it: `09 giờ 30 phút, ngày 05/02/2026`. */
export function timeInWords(instant: unknown): string {
  const { hour, minute } = wallClock(instant);
  return `${hour} giờ ${minute} phút, ngày ${date(instant)}`;
}

/** An instant as it stands in a visible signature: `05.02.2026 09:30:00 +07:00`. */
export function signingTime(instant: unknown): string {
  const { year, month, day, hour, minute, second } = wallClock(instant);
  return `${day}.${month}.${year} ${hour}:${minute}:${second} +07:00`;
}

/** A local date (ISO) in words, as civil-status papers write it: `Ngày một, tháng ba, năm hai nghìn không trăm hai mươi sáu`. */
export function dayInWords(day: unknown): string {
  const [year, month, date] = String(day).split('-').map(Number);
  if (!year || !month || !date) throw new Error(`${JSON.stringify(day)} is not a date`);
  return `Ngày ${inWords(date)}, tháng ${inWords(month)}, năm ${inWords(year)}`;
}

function yearsAfter(day: string, years: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const lastOfMonth = new Date(Date.UTC(year + years, month, 0)).getUTCDate();
  return new Date(Date.UTC(year + years, month - 1, Math.min(date, lastOfMonth))).toISOString().slice(0, 10);
}

const countries = new Intl.DisplayNames('vi', { type: 'region' });

const vietnamese = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 4 });

/** A number with the dots and comma of Vietnamese: `1.234.567,5`; at most four decimals. */
export function number(value: unknown): string {
  const amount = Number(value);
  if (value === null || value === '' || !Number.isFinite(amount)) {
    throw new Error(`${JSON.stringify(value)} is not a number`);
  }
  return vietnamese.format(amount);
}

/** A whole number in words, with the unit that is counted. */
function inWords(value: unknown, ...unit: string[]): string {
  const reading = new ReadingConfig();
  reading.unit = unit;
  reading.oddText = 'linh'; // official usage; the library's own choices are lẻ and tỉ
  reading.units = [[], ['nghìn'], ['triệu'], ['tỷ']];
  return doReadNumber(BigInt(String(value)).toString(), reading);
}

/** A whole amount of đồng in words, capitalised: `Bảy mươi lăm nghìn đồng`. */
export function moneyInWords(value: unknown): string {
  const words = inWords(value, 'đồng');
  return words.charAt(0).toLocaleUpperCase('vi') + words.slice(1);
}

/** Text in Vietnamese capitals. */
export function upper(text: unknown): string {
  return String(text).normalize('NFC').toLocaleUpperCase('vi');
}

/**
 * The lines that name an agency at the head of its documents, in capitals.
 *
 * A People's Committee stands alone, broken before its place; any other agency stands under its parent, and
 * only its own name is bold.
 */
export function agencyLines(name: unknown, parentName: unknown): { text: string; bold: boolean }[] {
  const committee = /^(Ủy ban nhân dân|Hội đồng nhân dân) (.+)$/iu.exec(String(name).normalize('NFC'));
  if (committee) return committee.slice(1).map((text) => ({ text: upper(text), bold: true }));
  const own = { text: upper(name), bold: true };
  return typeof parentName === 'string' && parentName !== ''
    ? [{ text: upper(parentName), bold: false }, own]
    : [own];
}

/** Whether an agency acts as a People's Committee, whose signatories sign on its behalf (TM.). */
export function isCommittee(name: unknown): boolean {
  return /^Ủy ban nhân dân /iu.test(String(name).normalize('NFC'));
}

/** A QR code as an `<img>` of PNG, `text` at error correction M; `alt` is what a screen reader says. */
export function qr(text: unknown, alt: unknown): InstanceType<typeof handlebars.SafeString> {
  // Looking for a denser mode and the best of eight masks takes twenty times as long, and readers need neither.
  const content = [{ data: Buffer.from(String(text)), mode: 'byte' as const }];
  const { modules } = QRCode.create(content, { errorCorrectionLevel: 'M', maskPattern: 2 });
  const quiet = 2; // modules of white around the code; the page itself is white beyond them
  const isInside = (at: number) => at >= quiet && at < modules.size + quiet;
  const png = pngOf(
    modules.size + 2 * quiet,
    (row, column) => isInside(row) && isInside(column) && Boolean(modules.get(row - quiet, column - quiet)),
  );
  return new handlebars.SafeString(
    `<img class="${modules.size > 45 ? 'qr dense' : 'qr'}" alt="${handlebars.escapeExpression(String(alt))}" src="data:image/png;base64,${png.toString('base64')}">`,
  );
}

/** An address on one line: a text as it is, or `{street | place, ward, province}`. */
export function address(value: unknown): string {
  if (typeof value === 'string') return value;
  const { street, place, ward, province } = value as Record<string, string>;
  return [street, place, ward, province].filter(Boolean).join(', ');
}

/** The words that forms of applications store as codes; an unknown code prints as it is. */
const words: Record<string, Record<string, string>> = {
  honorific: { male: 'Ông', female: 'Bà' },
  receiving: {
    online: 'trực tuyến',
    oneStop: 'Bộ phận Tiếp nhận và Trả kết quả',
    post: 'dịch vụ bưu chính công ích',
  },
  channel: { online: 'trực tuyến', counter: 'trực tiếp', postal: 'qua bưu chính' },
  timeliness: {
    early: 'Trước hạn',
    'on-time': 'Đúng hạn',
    overdue: 'Quá hạn',
    returned: 'Trả lại',
    paused: 'Tạm dừng',
    running: 'Đang giải quyết',
    'due-soon': 'Đang giải quyết, sắp đến hạn',
    'running-late': 'Đang giải quyết, quá hạn',
  },
  unit: {
    citizen: 'Người nộp hồ sơ',
    reception: 'Bộ phận Tiếp nhận và Trả kết quả',
    specialist: 'Bộ phận chuyên môn',
    head: 'Lãnh đạo bộ phận chuyên môn',
    leader: 'Lãnh đạo cơ quan',
    clerk: 'Văn thư',
    consulted: 'Cơ quan được lấy ý kiến',
    treasury: 'Kho bạc',
    registry: 'Cơ quan quản lý cơ sở dữ liệu',
  },
  kindOfWork: {
    new: 'xây dựng mới',
    repair: 'sửa chữa, cải tạo',
    move: 'di dời',
    temporary: 'xây dựng có thời hạn',
  },
  gender: { male: 'Nam', female: 'Nữ' },
  identityPaper: { canCuoc: 'Thẻ căn cước', cccd: 'Thẻ căn cước công dân', passport: 'Hộ chiếu' },
  kinship: {
    father: 'cha',
    mother: 'mẹ',
    grandfather: 'ông',
    grandmother: 'bà',
    relative: 'người thân thích',
    institution: 'cơ sở nuôi dưỡng',
  },
  relationToHead: { child: 'con', grandchild: 'cháu', relative: 'người thân thích', other: 'khác' },
  livesWith: { father: 'cha', mother: 'mẹ', guardian: 'người nuôi dưỡng' },
  cardBy: { vneid: 'trên ứng dụng VNeID', paper: 'bản giấy', post: 'qua dịch vụ bưu chính' },
  result: {
    granted: 'đã giải quyết',
    refused: 'bị từ chối, có văn bản nêu lý do',
    rejected: 'không được tiếp nhận, có phiếu nêu lý do',
    withdrawn: 'người nộp đã rút hồ sơ',
    unpaid: 'dừng, vì chưa nộp lệ phí',
  },
  stopReason: {
    withdrawn: 'người nộp hồ sơ đề nghị rút hồ sơ trước khi có quyết định',
    unpaid: 'quá thời hạn mà phí, lệ phí chưa được nộp',
    unsupplied: 'quá thời hạn mà hồ sơ chưa được bổ sung, hoàn thiện',
    ended: 'thủ tục kết thúc mà không ra quyết định',
  },
  stopBasis: { withdrawn: 'Điều 21 ', unpaid: 'Điều 24 ', unsupplied: 'Điều 19 ', ended: '' },
  landUse: { ODT: 'đất ở tại đô thị (ODT)', ONT: 'đất ở tại nông thôn (ONT)' },
};
const wordHelpers = Object.fromEntries(
  Object.entries(words).map(([name, table]) => [
    name,
    (code: unknown) => table[String(code)] ?? String(code),
  ]),
);

/** Every helper that document templates may use, by the name they use it under. */
export const helpers: Record<string, (...values: unknown[]) => unknown> = {
  dateInWords,
  date,
  dateTime,
  timeInWords,
  signingTime,
  dayInWords,
  number,
  moneyInWords,
  upper,
  address,
  ...wordHelpers,
  agencyLines,
  isCommittee,
  qr,
  /** A country by its two letters: `Việt Nam`. */
  country: (code) => countries.of(String(code)),
  /** The year of a date, or of what is only a year. */
  yearOf: (day) => String(day).slice(0, 4),
  /** The same day so many years later; the last of February stands in for the 29th. */
  yearsAfter: (day, years) => yearsAfter(String(day), Number(years)),
  /** The benefit code of a health-insurance card: the third character of its number. */
  benefitOf: (card) => String(card).charAt(2),
  /** The number of a row: `{{ordinal @index}}` counts from 1. */
  ordinal: (index) => Number(index) + 1,
  /** The first of two that is there: `{{or (lookup titles kind) kind}}`. */
  or: (first, second) => first || second,
  /** `{{#if (equals a b)}}`. */
  equals: (left, right) => left === right,
  /** Joins its arguments to one text: `(concat "QR " code)`. */
  concat: (...values) => values.slice(0, -1).map(String).join(''), // Handlebars adds its options as the last
};
