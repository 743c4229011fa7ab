import type { Request } from 'express';
import { z } from 'zod';
import { checkAddress } from '../../api/check.ts';
import { Narrowing } from '../../api/inbox.ts';
import type { Language } from '../../api/language.ts';
import type { Text } from '../../workflows/engine/index.ts';

const Shown = Narrowing.extend({
  cursor: z.string().min(1).max(200).optional(),
  lang: z.string().max(10).optional(),
});

/** What an inbox is narrowed to, as its address or the hidden fields of a form say it. */
export type Narrowed = z.output<typeof Narrowing>;

/**
 * Reads what an inbox is narrowed to; a field that was left empty narrows nothing.
 *
 * @throws Refusal `invalid-request`
 */
export function narrowedBy(req: Request, given: unknown): { narrowed: Narrowed; cursor: string | undefined } {
  const filled = Object.entries((given ?? {}) as Record<string, unknown>).filter(([, value]) => value !== '');
  const { cursor, lang: _lang, ...narrowed } = checkAddress(req, Shown, Object.fromEntries(filled));
  return { narrowed, cursor };
}

/** The query of an inbox's address; parts that are undefined or preset are left out. */
export function queryOf(narrowed: Partial<Narrowed>, more: Record<string, string | undefined> = {}): string {
  const all = { ...narrowed, order: narrowed.order === 'deadline' ? undefined : narrowed.order, ...more };
  const said = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(said).toString();
}

/** An address of the inbox. */
export const addressOf = (query: string): string => (query ? `/inbox?${query}` : '/inbox');

const words = {
  claimed: {
    me: { vi: 'Của tôi', en: 'Mine' },
    none: { vi: 'Chưa ai nhận', en: 'Nobody’s' },
    others: { vi: 'Của đồng nghiệp', en: 'Colleagues’' },
  },
  due: {
    overdue: { vi: 'Quá hạn', en: 'Overdue' },
    today: { vi: 'Hôm nay', en: 'Today' },
    week: { vi: 'Tuần này', en: 'This week' },
  },
  seen: { no: { vi: 'Chưa ai xem', en: 'Not looked at' } },
  order: {
    deadline: { vi: 'Hạn gần nhất', en: 'Deadline' },
    opened: { vi: 'Mở trước', en: 'Opened first' },
    case: { vi: 'Mã hồ sơ', en: 'Case code' },
  },
} satisfies Record<string, Record<string, Text>>;

/** One question of the filter with what can be chosen. */
interface Question {
  name: string;
  label: string;
  options: { value: string; text: string; chosen: boolean }[];
}

/**
 * The questions of the filter in a language.
 *
 * @param named what can be chosen by name beside what every inbox has: roles, procedures, agencies
 */
export function questionsOf(
  narrowed: Narrowed,
  language: Language,
  named: { role: Record<string, Text>; procedure: Record<string, Text>; agency: Record<string, Text> },
): Question[] {
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const question = (
    name: keyof typeof words | keyof typeof named,
    label: string,
    choices: Record<string, Text>,
    none = say('Tất cả', 'All'),
  ): Question => ({
    name,
    label,
    options: [
      ...(name === 'order' ? [] : [{ value: '', text: none, chosen: narrowed[name] === undefined }]),
      ...Object.entries(choices).map(([value, text]) => ({
        value,
        text: text[language],
        chosen: narrowed[name] === value,
      })),
    ],
  });
  return [
    question('agency', say('Phạm vi', 'Whose'), named.agency, say('Việc tôi làm được', 'What I may do')),
    question('role', say('Hàng đợi', 'Queue'), named.role),
    question('claimed', say('Người nhận', 'Claimed'), words.claimed),
    question('due', say('Hạn', 'Until'), words.due),
    question('seen', say('Đã xem', 'Looked at'), words.seen),
    question('procedure', say('Thủ tục', 'Procedure'), named.procedure),
    question('order', say('Xếp theo', 'Order'), words.order),
  ].filter(({ name, options }) => options.length > (name === 'agency' ? 1 : 0));
}
