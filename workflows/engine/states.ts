import type { Text } from './form.ts';

/** States of a case as the National Portal numbers them; pages and search attributes use the same list. */
export const caseStates = {
  1: { vi: 'Mới đăng ký', en: 'Filed' },
  2: { vi: 'Được tiếp nhận', en: 'Accepted' },
  3: { vi: 'Không được tiếp nhận', en: 'Not accepted' },
  4: { vi: 'Đang xử lý', en: 'In process' },
  5: { vi: 'Yêu cầu bổ sung giấy tờ', en: 'Supplement requested' },
  6: { vi: 'Yêu cầu thực hiện nghĩa vụ tài chính', en: 'Payment requested' },
  7: { vi: 'Công dân yêu cầu rút hồ sơ', en: 'Withdrawn' },
  8: { vi: 'Dừng xử lý', en: 'Stopped' },
  9: { vi: 'Đã xử lý xong', en: 'Decided' },
  10: { vi: 'Đã trả kết quả', en: 'Result delivered' },
} as const satisfies Record<number, Text>;

export type CaseState = keyof typeof caseStates;

/** Which state may follow which; anything else is a programming error and stops the step before it is written. */
export const transitions: Record<CaseState, readonly CaseState[]> = {
  1: [2, 3, 5, 7],
  2: [4, 7],
  3: [],
  4: [5, 6, 7, 8, 9],
  5: [4, 2, 7, 8],
  6: [4, 7, 8],
  7: [],
  8: [],
  9: [10, 4],
  10: [],
};

/** How any case may end, in words; what else its story may come to, the facts name. */
export const outcomes: Readonly<Record<string, Text>> = {
  granted: { vi: 'được giải quyết', en: 'granted' },
  refused: { vi: 'bị từ chối', en: 'refused' },
  rejected: { vi: 'không được tiếp nhận', en: 'not accepted' },
  withdrawn: { vi: 'đã rút', en: 'withdrawn' },
  unpaid: { vi: 'dừng vì chưa nộp phí', en: 'closed, the fee was not paid' },
  unsupplied: { vi: 'dừng vì chưa bổ sung', en: 'closed, what was missing never came' },
  corrected: { vi: 'đã đính chính', en: 'corrected' },
  'not-corrected': { vi: 'không đính chính', en: 'not corrected' },
};

/** A state for admins: its number and both names. */
export function stateText(state: CaseState): string {
  return `${state} ${caseStates[state].vi} · ${caseStates[state].en}`;
}
