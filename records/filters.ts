import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';

/** A list of tasks that somebody wants to find again. */
export interface SavedFilter {
  id: string;
  name: string;
  /** The query of its address. */
  query: string;
  /** Whether the officers of its owner's agency see it too. */
  shared: boolean;
  own: boolean;
}

interface Row {
  id: string;
  owner_sub: string;
  shared_with: string | null;
  name: string;
  query: string;
}

/** What its owner may change of a filter. */
export type FilterName = Pick<SavedFilter, 'name' | 'shared'>;

const most = 50;

/** Lists somebody's filters and those that colleagues of their agency share, by name. */
export async function listFilters(db: Database, actor: Actor): Promise<SavedFilter[]> {
  const query = db<Row>('saved_filters').where({ owner_sub: actor.sub });
  if (actor.agency) void query.orWhere({ shared_with: actor.agency });
  const rows = await query.orderBy(['name', 'id']).limit(500).select<Row[]>();
  return rows.map((row) => viewOf(row, actor));
}

const viewOf = ({ id, name, query, shared_with, owner_sub }: Row, { sub }: Actor): SavedFilter => ({
  id,
  name,
  query,
  shared: shared_with !== null,
  own: owner_sub === sub,
});

/**
 * Saves a filter.
 *
 * @throws Refusal `wrong-role` to share it without an agency, `invalid-form` when there are too many
 */
export async function saveFilter(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { name, shared, query }: FilterName & { query: string },
): Promise<SavedFilter> {
  const shared_with = sharedWith(actor, shared);
  const own = await trx('saved_filters').where({ owner_sub: actor.sub }).pluck('id');
  if (own.length >= most)
    throw new Refusal('invalid-form', `Tối đa ${most} bộ lọc · At most ${most} filters`);
  const row: Row = { id: randomUUID(), owner_sub: actor.sub, shared_with, name, query };
  await trx('saved_filters').insert({ ...row, created_at: at });
  return viewOf(row, actor);
}

/**
 * Renames a filter of one's own, and shares it or not.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-role`
 */
export async function renameFilter(
  trx: Transaction,
  actor: Actor,
  id: string,
  { name, shared }: FilterName,
): Promise<SavedFilter> {
  const row = await ownFilter(trx, actor, id);
  const changed = { name, shared_with: sharedWith(actor, shared) };
  await trx('saved_filters').where({ id }).update(changed);
  return viewOf({ ...row, ...changed }, actor);
}

/**
 * Deletes a filter of one's own.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function deleteFilter(trx: Transaction, actor: Actor, id: string): Promise<void> {
  await ownFilter(trx, actor, id);
  await trx('saved_filters').where({ id }).delete();
}

async function ownFilter(trx: Transaction, actor: Actor, id: string): Promise<Row> {
  const row = await trx<Row>('saved_filters').where({ id }).forUpdate().first<Row | undefined>();
  const visible = row && (row.owner_sub === actor.sub || row.shared_with === (actor.agency ?? ''));
  if (!visible) throw new Refusal('not-found', 'Không có bộ lọc này · There is no such filter');
  if (row.owner_sub !== actor.sub)
    throw new Refusal('not-yours', 'Bộ lọc của người khác · This filter is somebody else’s');
  return row;
}

function sharedWith({ agency }: Actor, shared: boolean): string | null {
  if (!shared) return null;
  if (!agency)
    throw new Refusal(
      'wrong-role',
      'Chỉ công chức chia sẻ bộ lọc · Only officers of an agency share filters',
    );
  return agency;
}
