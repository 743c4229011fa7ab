import { expect, test } from 'vitest';
import { sayLimit } from './words.ts';

test.each([
  ['7wd', '7 ngày làm việc', '7 working days'],
  ['1wd', '1 ngày làm việc', '1 working day'],
  ['0wd', 'trong ngày làm việc', 'the same working day'],
  ['36h', '36 giờ', '36 hours'],
  ['promised', 'thời hạn chung của hồ sơ', 'the time limit of the case'],
])('a page says %s as "%s" and "%s"', (limit, vi, en) => {
  expect(sayLimit(limit)).toEqual({ vi, en });
});
