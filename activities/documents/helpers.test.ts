import { describe, expect, test } from 'vitest';
import * as helpers from './helpers.ts';

describe('instants read as Vietnamese time', () => {
  test.each([
    ['2026-02-05T02:30:00.000Z', 'ngày 05 tháng 02 năm 2026'],
    ['2026-11-22T02:30:00.000Z', 'ngày 22 tháng 11 năm 2026'],
    ['2026-03-09T02:30:00.000Z', 'ngày 09 tháng 3 năm 2026'],
    ['2026-12-31T17:00:00.000Z', 'ngày 01 tháng 01 năm 2027'],
  ])('%s is %s', (instant, words) => {
    expect(helpers.dateInWords(instant)).toBe(words);
  });

  test('each place of a form has its own form', () => {
    const at = new Date('2026-02-05T02:30:09.000Z');
    expect(helpers.date(at)).toBe('05/02/2026');
    expect(helpers.dateTime(at)).toBe('05/02/2026 09:30');
    expect(helpers.timeInWords(at)).toBe('09 giờ 30 phút, ngày 05/02/2026');
    expect(helpers.signingTime(at)).toBe('05.02.2026 09:30:09 +07:00');
  });

  test('what is no instant is refused', () => {
    expect(() => helpers.date('tomorrow')).toThrow('"tomorrow" is not an instant');
    expect(() => helpers.date(null)).toThrow('null is not an instant');
  });
});

describe('numbers and money', () => {
  test('dots between thousands, a comma before decimals', () => {
    expect(helpers.number(1234567.5)).toBe('1.234.567,5');
    expect(helpers.number('75000')).toBe('75.000');
    expect(() => helpers.number(null)).toThrow('null is not a number');
  });

  test.each([
    [0, 'Không đồng'],
    [15, 'Mười lăm đồng'],
    [21, 'Hai mươi mốt đồng'],
    [101, 'Một trăm linh một đồng'],
    [75_000, 'Bảy mươi lăm nghìn đồng'],
    [1_000_008, 'Một triệu không trăm linh tám đồng'],
    [2_500_000_000, 'Hai tỷ năm trăm triệu đồng'],
  ])('%d is read %s', (amount, words) => {
    expect(helpers.moneyInWords(amount)).toBe(words);
  });
});

describe('names', () => {
  test('Vietnamese capitals, composed', () => {
    expect(helpers.upper('Nguyễn Đình Ước'.normalize('NFD'))).toBe('NGUYỄN ĐÌNH ƯỚC');
  });

  test("a People's Committee stands alone, broken before its place", () => {
    expect(
      helpers.agencyLines('Ủy ban nhân dân phường Vũng Tàu', 'Ủy ban nhân dân Thành phố Hồ Chí Minh'),
    ).toEqual([
      { text: 'ỦY BAN NHÂN DÂN', bold: true },
      { text: 'PHƯỜNG VŨNG TÀU', bold: true },
    ]);
  });

  test('a department stands under its parent', () => {
    expect(helpers.agencyLines('Sở Xây dựng', 'Ủy ban nhân dân Thành phố Hồ Chí Minh')).toEqual([
      { text: 'ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH', bold: false },
      { text: 'SỞ XÂY DỰNG', bold: true },
    ]);
  });

  test('an address is a text or its parts', () => {
    expect(
      helpers.address({ street: '12 Hoàng Diệu', ward: 'phường Vũng Tàu', province: 'TP. Hồ Chí Minh' }),
    ).toBe('12 Hoàng Diệu, phường Vũng Tàu, TP. Hồ Chí Minh');
    expect(helpers.address('12 Hoàng Diệu')).toBe('12 Hoàng Diệu');
  });
});

test('a QR code is an image whose alternative text cannot become markup', () => {
  const html = helpers.qr('https://motcua.example.vn/verify/1', '"><script>').toString();
  expect(html).toMatch(
    /^<img class="qr" alt="&quot;&gt;&lt;script&gt;" src="data:image\/png;base64,[A-Za-z0-9+/=]+">$/,
  );
});
