import { expect, test } from 'vitest';
import { crc16, vietQr } from './viet-qr.ts';

test('the check value of CRC-16/CCITT-FALSE', () => {
  expect(crc16('123456789')).toBe('29B1');
});

test('a banking app reads bank, account, amount and note', () => {
  expect(
    vietQr({ bank: '970436', account: '1024009999', amount: 135_000, note: '79.00.00.H29-261122-0001' }),
  ).toBe(
    '00020101021238540010A00000072701240006970436011010240099990208QRIBFTTA' +
      '530370454061350005802VN6228082479.00.00.H29-261122-000163041030',
  );
});
