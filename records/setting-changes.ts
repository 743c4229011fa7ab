import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { digest } from './record.ts';
import { Refusal } from './refusal.ts';

/** What of the settings was changed: windows by their id, tariffs by `procedure/agency/item/day`, connectors and services by their code. */
export type SettingArea = 'windows' | 'tariffs' | 'connectors' | 'services';

/** A change of a setting as it is kept; null: there was none, there is none. */
export interface SettingChange<Facts = Record<string, unknown>> {
  id: number;
  area: SettingArea;
  subject: string;
  at: string;
  actor: { sub: string; name: string };
  before: Facts | null;
  after: Facts | null;
  reason: string;
  /** Whether nothing has been changed there since, so that it can be undone. */
  latest: boolean;
}

/** Who changes a setting, when and why. */
export interface ChangeBy {
  actor: Actor;
  at: Date;
  reason: string;
}

/**
 * Keeps a change of a setting with how it was and how it is.
 *
 * @returns its number; null when nothing differs
 */
export async function noteChange(
  trx: Transaction,
  { actor, at, reason }: ChangeBy,
  change: { area: SettingArea; subject: string; before: object | null; after: object | null },
): Promise<number | null> {
  const { before, after, ...of } = change;
  if (digest(before) === digest(after)) return null;
  const [kept] = await trx('setting_changes')
    .insert({
      ...of,
      at,
      actor: JSON.stringify({ sub: actor.sub, name: actor.name }),
      before: before && JSON.stringify(before),
      after: after && JSON.stringify(after),
      reason,
    })
    .returning<{ id: string }[]>('id');
  return Number(kept!.id);
}

/** Lists changes of settings, the latest first. */
export async function listChanges(
  db: Database,
  { area, before, limit }: { area: SettingArea; before?: number | undefined; limit: number },
): Promise<SettingChange[]> {
  const query = changes(db).where({ area }).orderBy('id', 'desc').limit(limit);
  if (before !== undefined) void query.where('id', '<', before);
  return (await query).map(fromRow);
}

/**
 * Finds a change that is to be undone, and keeps others from changing settings until the transaction ends.
 *
 * @throws Refusal `not-found`, or `undo-over` when the same thing was changed again since
 */
export async function changeToUndo(trx: Transaction, id: number): Promise<SettingChange> {
  await lockSettings(trx);
  const row = await changes(trx).where({ id }).first<ChangeRow | undefined>();
  if (!row) throw new Refusal('not-found', 'Không có thay đổi này · There is no such change');
  if (!row.latest)
    throw new Refusal(
      'undo-over',
      'Thiết lập này đã được đổi tiếp · This setting has been changed again since',
    );
  return fromRow(row);
}

/** Lets one transaction at a time change settings, until its end; who files does not wait for it. */
export async function lockSettings(trx: Transaction): Promise<void> {
  await trx.raw(`SELECT pg_advisory_xact_lock(hashtext('settings'))`);
}

type ChangeRow = Omit<SettingChange, 'id' | 'at'> & { id: string; at: Date };

const changes = (db: Database | Transaction) =>
  db('setting_changes').select<ChangeRow[]>(
    'setting_changes.*',
    db.raw(
      `NOT EXISTS (SELECT FROM setting_changes later WHERE later.area = setting_changes.area
                      AND later.subject = setting_changes.subject AND later.id > setting_changes.id) AS latest`,
    ),
  );

const fromRow = (row: ChangeRow): SettingChange => ({
  ...row,
  id: Number(row.id),
  at: row.at.toISOString(),
});
