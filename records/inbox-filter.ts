import type { Actor } from './actor.ts';
import { endOfDay, localDay } from './local-day.ts';
import { Refusal } from './refusal.ts';

/** What a list of tasks is narrowed to, and how it is ordered. */
export interface InboxFilter {
  role?: string | undefined;
  /** Name of the task in its procedure. */
  name?: string | undefined;
  /** The whole code of a case. */
  case?: string | undefined;
  /** Id of an edition. */
  procedure?: string | undefined;
  claimed?: 'me' | 'none' | 'others' | undefined;
  /** Whose deadline is past, or lies within the local day or week of the instant. */
  due?: 'overdue' | 'today' | 'week' | undefined;
  dueBefore?: Date | undefined;
  /** Those that nobody of the agency has opened. */
  seen?: 'no' | undefined;
  /** A part of a ward's or street's name, with or without diacritics. */
  area?: string | undefined;
  /** How a case code begins, with or without its agency and dashes. */
  code?: string | undefined;
  /** How words of the applicant's name begin, with or without diacritics. */
  applicant?: string | undefined;
  order?: Order | undefined;
}

export type Order = 'deadline' | 'opened' | 'case';

export type Bindings = Record<string, string | number | Date | readonly string[]>;

/** What the orders sort by; each has an index of each queue, so a page is read where it stands. */
export const keys: Record<Order, string> = {
  deadline: `coalesce(due_at, expires_at, 'infinity')`,
  opened: 'opened_at',
  case: 'case_code COLLATE "C"',
};

/** Whether a filter looks for words. */
export const looksForWords = ({ area, code, applicant }: InboxFilter) =>
  [area, code, applicant].some((words) => words !== undefined);

/**
 * Puts a filter as conditions on `tasks`, each with names for what it binds.
 *
 * @param at the instant that decides what is overdue and which day and week it is
 */
export function conditionsOf(
  filter: InboxFilter,
  actor: Actor,
  at: Date,
): { sql: string[]; bound: Bindings } {
  const sql: string[] = [];
  const bound: Bindings = {};
  const add = (condition: string, more: Bindings) => {
    sql.push(condition);
    Object.assign(bound, more);
  };
  const { name, procedure, area, code, applicant, dueBefore } = filter;
  if (name !== undefined) add('name = :name', { name });
  if (filter.case !== undefined) add('case_code = :case', { case: filter.case });
  if (procedure !== undefined) add('edition = :procedure', { procedure });
  if (filter.claimed === 'me') add('claimed_by = :me', { me: actor.sub });
  if (filter.claimed === 'none') add('claimed_by IS NULL', {});
  if (filter.claimed === 'others') add('claimed_by <> :me', { me: actor.sub });
  if (filter.seen === 'no') add('viewed_at IS NULL', {});
  if (dueBefore) add(`${keys.deadline} < :dueBefore`, { dueBefore });
  if (filter.due === 'overdue') add(`${keys.deadline} < :now`, { now: at });
  else if (filter.due) {
    const { from, to } = spanOf(filter.due, at);
    add(`${keys.deadline} >= :from AND ${keys.deadline} < :to`, { from, to });
  }
  if (area !== undefined) add(`area LIKE '%' || folded(:area) || '%'`, { area });
  if (code !== undefined)
    add(`sought LIKE '% ' || :code || '%'`, { code: code.toLowerCase().replaceAll(/[^a-z0-9]/g, '') });
  for (const [index, word] of (applicant?.split(/\s+/).filter(Boolean).slice(0, 8) ?? []).entries())
    add(`sought LIKE '% ' || folded(:word${index}) || '%'`, { [`word${index}`]: word });
  return { sql, bound };
}

/** The local day, or the local week from Monday on, of an instant. */
function spanOf(due: 'today' | 'week', at: Date): { from: Date; to: Date } {
  const day = 86_400_000;
  const to = endOfDay(localDay(at));
  const from = new Date(to.getTime() - day);
  if (due === 'today') return { from, to };
  const sinceMonday = (new Date(`${localDay(at)}T00:00:00Z`).getUTCDay() + 6) % 7;
  const monday = new Date(from.getTime() - sinceMonday * day);
  return { from: monday, to: new Date(monday.getTime() + 7 * day) };
}

/** Where a page begins or, read backwards, ends: the sort key and id of the task beside it. */
export interface Place {
  order: Order;
  backwards: boolean;
  key: string;
  id: string;
}

export const cursorOf = ({ order, backwards, key, id }: Place): string =>
  Buffer.from([order, backwards ? '<' : '>', key, id].join('|')).toString('base64url');

/**
 * Reads a cursor.
 *
 * @throws Refusal `invalid-request` for one that was not given out here, or for another order
 */
export function placeOf(cursor: string, order: Order): Place {
  const [given, direction, key = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  const isKey =
    order === 'case' ? /^[\w.-]{1,60}$/.test(key) : key === 'infinity' || !Number.isNaN(Date.parse(key));
  if (given !== order || !/^[<>]$/.test(direction ?? '') || !isKey || !/^[0-9a-f-]{36}$/.test(id))
    throw new Refusal('invalid-request', 'Con trỏ sai · Wrong cursor');
  return { order, backwards: direction === '<', key, id };
}
