import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { mayReadCase, mayReadInternally } from './policy.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal, refusalOr } from './refusal.ts';

/** What one case is to another: the same matter twice, what comes after it, or a part of it. */
export const linkKinds = ['duplicate', 'follows', 'belongs-to'] as const;
export type LinkKind = (typeof linkKinds)[number];
/** All kinds, with those that the engine makes: a case that corrects the result of another, reopens it, or is its sub-case. */
export const allLinkKinds = [...linkKinds, 'corrects', 'reopens', 'part-of'] as const;
type AnyLinkKind = (typeof allLinkKinds)[number];

/** A link as one of its two cases shows it. */
export interface Link {
  id: string;
  kind: AnyLinkKind;
  /** The other case, and whether the link was made from this one or from that one. */
  case: string;
  direction: 'to' | 'from';
  at: string;
}

interface Row {
  id: string;
  case_code: string;
  other_code: string;
  kind: AnyLinkKind;
  at: Date;
}

interface By {
  actor: Actor;
  at: Date;
}

/**
 * Links a case to another one for an officer who may read both; the records of both say so. Linked again, the link
 * stays as it is.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, `wrong-role` or, for a link to itself, `invalid-form`
 */
export async function linkCases(
  trx: Transaction,
  { actor, at }: By,
  { code, other, kind }: { code: string; other: string; kind: LinkKind },
): Promise<{ id: string }> {
  if (code === other)
    throw new Refusal('invalid-form', 'Không liên kết với chính nó · A case is not linked to itself', [
      { pointer: '/case', detail: other },
    ]);
  await mayReadInternally(trx, actor, code, at);
  await mayReadInternally(trx, actor, other, at);
  await recordInBoth(trx, { actor, at }, { case_code: code, other_code: other, kind }, {}, async () => {
    const made = await trx('case_links')
      .insert({ id: randomUUID(), case_code: code, other_code: other, kind, at })
      .onConflict(
        trx.raw(
          '(least(case_code, other_code), greatest(case_code, other_code), kind) WHERE removed_at IS NULL',
        ),
      )
      .ignore()
      .returning('id');
    return made.length > 0 ? 'linked' : undefined;
  });
  const link = await trx('case_links')
    .where({ kind, removed_at: null })
    .whereIn('case_code', [code, other])
    .whereIn('other_code', [code, other])
    .first<{ id: string }>('id');
  return { id: link.id };
}

/** Links a new case to the one that it goes back to; the records of both say why. */
export async function linkAs(
  trx: Transaction,
  by: By,
  {
    code,
    other,
    kind,
    why,
  }: { code: string; other: string; kind: AnyLinkKind; why: Record<string, unknown> },
): Promise<void> {
  const row = { case_code: code, other_code: other, kind };
  await recordInBoth(trx, by, row, why, async () => {
    await trx('case_links').insert({ id: randomUUID(), ...row, at: by.at });
    return kind;
  });
}

/**
 * Takes a link away; that it was there stays in both records. Taken away again, nothing changes.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function unlinkCases(
  trx: Transaction,
  { actor, at }: By,
  { code, id }: { code: string; id: string },
): Promise<void> {
  const link = await trx<Row>('case_links')
    .where({ id })
    .where((ends) => void ends.where('case_code', code).orWhere('other_code', code))
    .first<Row | undefined>();
  if (!link) throw new Refusal('not-found', 'Không có liên kết này · There is no such link');
  if (!isGiven(link.kind))
    throw new Refusal('not-found', 'Liên kết này không gỡ được · This link cannot be taken away');
  await mayReadInternally(trx, actor, link.case_code, at);
  await mayReadInternally(trx, actor, link.other_code, at);
  await recordInBoth(trx, { actor, at }, link, {}, async () => {
    const removed = await trx('case_links').where({ id, removed_at: null }).update({ removed_at: at });
    return removed > 0 ? 'unlinked' : undefined;
  });
}

const isGiven = (kind: AnyLinkKind) => linkKinds.some((given) => given === kind);

/** Changes a link while both cases are locked, always in the same order, and records what has happened in both. */
async function recordInBoth(
  trx: Transaction,
  { actor, at }: By,
  { case_code: from, other_code: to, kind }: Pick<Row, 'case_code' | 'other_code' | 'kind'>,
  why: Record<string, unknown>,
  change: () => Promise<string | undefined>,
): Promise<void> {
  const ends = [];
  for (const code of [from, to].sort()) ends.push({ case_code: code, ...(await lockRecord(trx, code)) });
  const event = await change();
  if (!event) return;
  for (const end of ends) {
    const details = { from, to, kind, ...why };
    const reference = `entry:${end.record_length + 1}`;
    await appendEntry(trx, end, { at, actor, event, details, reference });
  }
}

/** Lists the links of a case whose other end the reader may read too; who may read the case itself is asked before. */
export async function linksOf(db: Database, actor: Actor, code: string, now: Date): Promise<Link[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    /* sql */ `
    SELECT id, kind, case_code, other_code, at FROM case_links
     WHERE removed_at IS NULL AND :code IN (case_code, other_code)
     UNION ALL
    SELECT tasks.id, 'part-of', below.code, tasks.case_code, below.filed_at
      FROM cases below JOIN tasks ON tasks.id = below.parent_task WHERE :code IN (below.code, tasks.case_code)
     ORDER BY at, id`,
    { code },
  );
  const links: Link[] = [];
  for (const { id, kind, at, case_code: from, other_code: to } of rows) {
    const other = from === code ? to : from;
    if ((await refusalOr(mayReadCase(db, actor, other, now))) instanceof Refusal) continue;
    links.push({ id, kind, case: other, direction: from === code ? 'to' : 'from', at: at.toISOString() });
  }
  return links;
}
