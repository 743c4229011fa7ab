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
import { partyBindings, tasksOf } from './parties.ts';
import { principalOf, reachOf, type Queue, type Reach } from './queues.ts';
import { taskColumns, type TaskRow } from './task-rows.ts';
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
  const { sql, bound } = conditionsOf(asked, actor, at);
  const bindings: Bindings = { ...bound, most: limit + 1 };
  if (place) Object.assign(bindings, { placeKey: place.key, placeId: place.id });
  const sources = reach ? sourcesOf(reach, asked, bindings) : [];
  if (actor.roles.includes('citizen') && agency === undefined) {
    sources.push([`tasks.state = 'open' AND tasks.role = 'citizen'`, tasksOf].join(' AND '));
    Object.assign(bindings, await partyBindings(db, actor, at));
  }
  if (sources.length === 0) return { items: [] };
  const text = pageSql(sources, sql, order, place);
  const { rows } = await db.raw<{ rows: (TaskRow & { place_key: string })[] }>(text, bindings);
  const shown = rows.slice(0, limit);
  if (place?.backwards) shown.reverse();
  const items = shown.map((row) => ({ ...summaryOf(row), ...principalOf(actor, reach?.lent ?? [], row) }));
  return { items, ...besides(shown, { order, place, more: rows.length > limit }) };
}

/** Where to look: each queue by itself, in its order; or, when words are looked for, the agency's queues together. */
function sourcesOf({ agency, queues }: Reach, asked: InboxFilter, bindings: Bindings): string[] {
  const wanted = queues.filter(({ role }) => asked.role === undefined || role === asked.role);
  if (wanted.length === 0) return [];
  bindings['agency'] = agency;
  const each = wanted.map((queue, index) => queueSql(queue, index, bindings));
  const inAgency = `state = 'open' AND agency = :agency`;
  return looksForWords(asked)
    ? [`${inAgency} AND (${each.join(' OR ')})`]
    : each.map((queue) => `${inAgency} AND ${queue}`);
}

function queueSql({ role, procedures }: Queue, index: number, bindings: Bindings): string {
  bindings[`role${index}`] = role;
  if (!procedures) return `role = :role${index}`;
  bindings[`procedures${index}`] = procedures;
  return `(role = :role${index} AND edition = ANY(:procedures${index}))`;
}

/** One round trip: as many of each source as a page holds, the first of them all, and then their cases. */
function pageSql(sources: string[], conditions: string[], order: Order, place: Place | undefined): string {
  const key = keys[order];
  const direction = place?.backwards ? 'DESC' : 'ASC';
  const comparison = place?.backwards ? '<' : '>';
  const type = order === 'case' ? 'text' : 'timestamptz';
  const beyond = place
    ? [`(${key}, id) ${comparison} (CAST(:placeKey AS ${type}), CAST(:placeId AS uuid))`]
    : [];
  const found = sources.map(
    (source) => /* sql */ `
      (SELECT id, ${key} AS key FROM tasks WHERE ${[source, ...conditions, ...beyond].join(' AND ')}
        ORDER BY ${key} ${direction}, id ${direction} LIMIT :most)`,
  );
  const text =
    order === 'case'
      ? 'page.key'
      : `CASE WHEN isfinite(page.key) THEN to_char(page.key AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
              ELSE 'infinity' END`;
  return /* sql */ `
    SELECT ${taskColumns.join(', ')}, ${text} AS place_key
      FROM (SELECT * FROM (${found.join(' UNION ALL ')}) found
             ORDER BY key ${direction}, id ${direction} LIMIT :most) page
      JOIN tasks ON tasks.id = page.id JOIN cases ON cases.code = tasks.case_code
     ORDER BY page.key ${direction}, page.id ${direction}`;
}

/** The cursors beside a page: there is more where one row more was found, and where the reader came from. */
function besides(
  shown: (TaskRow & { place_key: string })[],
  { order, place, more }: { order: Order; place: Place | undefined; more: boolean },
): Pick<InboxPage, 'next' | 'previous'> {
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return {};
  const cursor = (row: TaskRow & { place_key: string }, backwards: boolean) =>
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
    const within = `state = 'open' AND agency = :agency AND ${queueSql(queue, index, bindings)}`;
    const count = (condition: string) =>
      `(SELECT count(*)::int FROM (SELECT FROM tasks WHERE ${within} AND ${condition} LIMIT :most) counted)`;
    return /* sql */ `
      SELECT CAST(:agency AS text) AS agency, CAST(:role${index} AS text) AS role, ${count('true')} AS open,
             ${count(`${keys.deadline} < :now`)} AS overdue, ${count('viewed_at IS NULL')} AS unseen,
             ${count('claimed_by = :me')} AS mine`;
  });
  const { rows } = await db.raw<{ rows: QueueCounts[] }>(each.join(' UNION ALL '), bindings);
  return rows.filter(({ open }) => agency === undefined || open > 0);
}
