import type { Actor } from './actor.ts';
import type { Database } from './db.ts';
import {
  conditionsOf,
  cursorOf,
  keys,
  looksForWords,
  placeOf,
  type Bindings,
  type InboxFilter,
  type Order,
  type Place,
} from './inbox-filter.ts';
import { plannedAnew } from './prepared.ts';
import { partyBindings, tasksOf } from './parties.ts';
import { principalOf, reachOf, type Queue, type Reach } from './queues.ts';
import { listedColumns, type ListedRow } from './task-rows.ts';
import { summaryOf, type TaskSummary } from './tasks.ts';

/** A page of a list of tasks, with the cursors of the pages beside it. */
export interface InboxPage {
  items: TaskSummary[];
  next?: string;
  previous?: string;
}

/** What is asked of a list of tasks. */
export interface InboxQuestion extends InboxFilter {
  at: Date;
  limit: number;
  cursor?: string | undefined;
  /** All queues of this agency, for its officers and admins; without it what the reader may perform. */
  agency?: string | undefined;
}

/**
 * Lists the open tasks that somebody's roles and agency let them perform, or those of whom they stand in for, the most
 * urgent first unless told; a citizen's are those of the cases that they are a party of.
 *
 * @throws Refusal `invalid-request` for a cursor that was not given out here; `wrong-role` or `wrong-agency` for all
 *   queues of another agency
 */
export async function listTasks(db: Database, actor: Actor, asked: InboxQuestion): Promise<InboxPage> {
  const { at, limit, cursor, agency, order = 'deadline' } = asked;
  const place = cursor === undefined ? undefined : placeOf(cursor, order);
  const reach = await reachOf(db, actor, at, agency);
  const { sql: conditions, bound } = conditionsOf(asked, actor, at);
  const bindings: Bindings = { ...bound, most: limit + 1 };
  if (place) Object.assign(bindings, { placeKey: place.key, placeId: place.id });
  const queues = reach ? queuesSql(reach, asked, bindings) : [];
  const page = async (found: string): Promise<PlacedRow[]> => {
    const { rows } = await db.raw<{ rows: PlacedRow[] }>(pageSql(found, order, place), bindings);
    return rows;
  };
  const answer = (rows: PlacedRow[]): InboxPage => {
    const shown = rows.slice(0, limit);
    if (place?.backwards) shown.reverse();
    const items = shown.map((row) => ({ ...summaryOf(row), ...principalOf(actor, reach?.lent ?? [], row) }));
    return { items, ...besides(shown, { order, place, more: rows.length > limit }) };
  };
  const own = actor.roles.includes('citizen') && agency === undefined ? [citizens] : [];
  if (own.length > 0) Object.assign(bindings, await partyBindings(db, actor, at));
  if (queues.length + own.length === 0) return { items: [] };
  if (queues.length === 0 || !looksForWords(asked))
    return answer(await page(inOrder([...queues, ...own], conditions, { order, place })));
  const near = await page(amongTheFirst([...queues, ...own], conditions, { order, place }));
  if (near.length > limit) return answer(near);
  const together = `${inAgency} AND (${queues.map((queue) => `(${queue})`).join(' OR ')})`;
  return answer(await page(inOrder([together, ...own], conditions, { order, place })));
}

type PlacedRow = ListedRow & { place_key: string };

interface Reading {
  order: Order;
  place: Place | undefined;
}

const inAgency = `state = 'open' AND agency = :agency`;
const citizens = `tasks.state = 'open' AND tasks.role = 'citizen' AND ${tasksOf}`;

/** The queues that are asked about, as conditions. */
function queuesSql({ agency, queues }: Reach, asked: InboxFilter, bindings: Bindings): string[] {
  const wanted = queues.filter(({ role }) => asked.role === undefined || role === asked.role);
  if (wanted.length === 0) return [];
  bindings['agency'] = agency;
  return wanted.map((queue, index) => `${inAgency} AND ${queueSql(queue, index, bindings)}`);
}

function queueSql({ role, procedures }: Queue, index: number, bindings: Bindings): string {
  bindings[`role${index}`] = role;
  if (!procedures) return `role = :role${index}`;
  bindings[`procedures${index}`] = procedures;
  return `(role = :role${index} AND edition = ANY(:procedures${index}))`;
}

const ordered = (key: string, { place }: Reading) => {
  const direction = place?.backwards ? 'DESC' : 'ASC';
  return `ORDER BY ${key} ${direction}, id ${direction}`;
};

function beyond({ order, place }: Reading): string[] {
  if (!place) return [];
  const type = order === 'case' ? 'text' : 'timestamptz';
  const comparison = place.backwards ? '<' : '>';
  return [`(${keys[order]}, id) ${comparison} (CAST(:placeKey AS ${type}), CAST(:placeId AS uuid))`];
}

/** Reads each source by itself in its order, as far as a page needs it. */
const inOrder = (sources: string[], conditions: string[], reading: Reading): string =>
  sources
    .map((source) => {
      const all = [source, ...conditions, ...beyond(reading)].join(' AND ');
      const key = keys[reading.order];
      return `(SELECT id, ${key} AS key FROM tasks WHERE ${all} ${ordered(key, reading)} LIMIT :most)`;
    })
    .join(' UNION ALL ');

/** How many tasks are looked through for words before the index of words is asked. */
const looked = 1_000;

/**
 * Looks for words among the first tasks of all sources: what many have, such as the name Nguyễn, is found there at once,
 * whereas the index of words is slow with what a great part of the city has.
 */
function amongTheFirst(sources: string[], conditions: string[], reading: Reading): string {
  const key = keys[reading.order];
  const first = sources.map((source) => {
    const all = [source, ...beyond(reading)].join(' AND ');
    return `(SELECT *, ${key} AS key FROM tasks WHERE ${all} ${ordered(key, reading)} LIMIT ${looked})`;
  });
  return `
    SELECT id, key FROM (SELECT * FROM (${first.join(' UNION ALL ')}) each ${ordered('key', reading)} LIMIT ${looked}) first
     WHERE ${conditions.join(' AND ')}`;
}

/** One round trip: the first of what is found, and then their cases. */
function pageSql(found: string, order: Order, place: Place | undefined): string {
  const text =
    order === 'case'
      ? 'page.key'
      : `CASE WHEN isfinite(page.key) THEN to_char(page.key AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
              ELSE 'infinity' END`;
  const direction = place?.backwards ? 'DESC' : 'ASC';
  return /* sql */ `${plannedAnew}
    SELECT ${listedColumns.join(', ')}, ${text} AS place_key
      FROM (SELECT * FROM (${found}) found ${ordered('key', { order, place })} LIMIT :most) page
      JOIN tasks ON tasks.id = page.id JOIN cases ON cases.code = tasks.case_code
     ORDER BY page.key ${direction}, page.id ${direction}`;
}

/** The cursors beside a page: there is more where one row more was found, and where the reader came from. */
function besides(
  shown: PlacedRow[],
  { order, place, more }: Reading & { more: boolean },
): Pick<InboxPage, 'next' | 'previous'> {
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return {};
  const cursor = (row: PlacedRow, backwards: boolean) =>
    cursorOf({ order, backwards, key: row.place_key, id: row.id });
  const hasNext = place?.backwards ? true : more;
  const hasPrevious = place?.backwards ? more : place !== undefined;
  return {
    ...(hasNext ? { next: cursor(last, false) } : {}),
    ...(hasPrevious ? { previous: cursor(first, true) } : {}),
  };
}

/** How far queues are counted; a count of so many means at least so many. */
export const mostCounted = 1_000;

/** How much lies in one queue. */
export interface QueueCounts {
  agency: string;
  role: string;
  open: number;
  overdue: number;
  unseen: number;
  mine: number;
}

/**
 * Counts what lies in each queue of somebody's {@link reachOf}, up to {@link mostCounted}; each count reads so many
 * entries of an index at most, however long the queue is.
 *
 * @throws Refusal `wrong-role` or `wrong-agency` for all queues of another agency
 */
export async function countQueues(
  db: Database,
  actor: Actor,
  { at, agency }: { at: Date; agency?: string | undefined },
): Promise<QueueCounts[]> {
  const reach = await reachOf(db, actor, at, agency);
  if (!reach || reach.queues.length === 0) return [];
  const bindings: Bindings = { agency: reach.agency, now: at, me: actor.sub, most: mostCounted };
  const each = reach.queues.map((queue, index) => {
    const within = `${inAgency} AND ${queueSql(queue, index, bindings)}`;
    const count = (condition: string) =>
      `(SELECT count(*)::int FROM (SELECT FROM tasks WHERE ${within} AND ${condition} LIMIT :most) counted)`;
    return /* sql */ `
      SELECT CAST(:agency AS text) AS agency, CAST(:role${index} AS text) AS role, ${count('true')} AS open,
             ${count(`${keys.deadline} < :now`)} AS overdue, ${count('viewed_at IS NULL')} AS unseen,
             ${count('claimed_by = :me')} AS mine`;
  });
  const { rows } = await db.raw<{ rows: QueueCounts[] }>(plannedAnew + each.join(' UNION ALL '), bindings);
  return rows.filter(({ open }) => agency === undefined || open > 0);
}
