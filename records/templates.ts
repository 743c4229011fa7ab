import type { Database } from './db.ts';

interface Text {
  vi: string;
  en: string;
}

/** A template as the program that runs has it: its path below `templates/`, what it is called, the fingerprint of its texts. */
export interface TemplateVersion {
  name: string;
  version: string;
  title: Text;
}

/** A version of a template with what was made of it; counts stop at a thousand. */
export interface UsedVersion {
  version: string;
  since: string;
  current: boolean;
  used: number;
  firstUsedAt: string | null;
  lastUsedAt: string | null;
}

/** More than that is not counted: nobody acts differently on it, and counting reads all of it. */
export const countedTo = 1_000;

/** Keeps which versions of its templates this program came with; those of earlier programs stay as history. */
export async function registerTemplates(
  db: Database,
  templates: readonly TemplateVersion[],
  at: Date,
): Promise<void> {
  const rows = templates.map(({ title, ...rest }) => ({
    ...rest,
    title: JSON.stringify(title),
    seen_at: at,
  }));
  await db.transaction(async (trx) => {
    // Two workers that start together write one after the other.
    await trx.raw('LOCK TABLE template_versions IN SHARE ROW EXCLUSIVE MODE');
    await trx('template_versions').where({ current: true }).update({ current: false });
    await trx('template_versions')
      .insert(rows)
      .onConflict(['name', 'version'])
      .merge({ title: trx.raw('excluded.title'), current: true });
  });
}

/** Lists the templates that are in use, each with its version and since when it is. */
export async function listTemplates(db: Database): Promise<(TemplateVersion & { since: string })[]> {
  const rows = await db('template_versions')
    .where({ current: true })
    .orderBy('name')
    .select<(TemplateVersion & { seen_at: Date })[]>('name', 'version', 'title', 'seen_at');
  return rows.map(({ seen_at: since, ...rest }) => ({ ...rest, since: since.toISOString() }));
}

/** Lists the versions of a template, the latest first, with what was made of each; empty where there is no such template. */
export async function versionsOf(db: Database, name: string): Promise<UsedVersion[]> {
  const { rows } = await db.raw<{ rows: (Omit<UsedVersion, 'since'> & { since: Date })[] }>(
    /* sql */ `
    SELECT version, seen_at AS since, current, used.count AS used,
           to_char(first.at AT TIME ZONE 'UTC', :iso) AS "firstUsedAt",
           to_char(last.at AT TIME ZONE 'UTC', :iso) AS "lastUsedAt"
      FROM template_versions
           CROSS JOIN LATERAL (
             SELECT count(*)::int FROM (
               (SELECT FROM documents WHERE documents.template = version LIMIT ${countedTo})
               UNION ALL (SELECT FROM notices WHERE notices.template = version LIMIT ${countedTo})) made) used
           CROSS JOIN LATERAL (
             SELECT least((SELECT min(issued_at) FROM documents WHERE documents.template = version),
                          (SELECT min(at) FROM notices WHERE notices.template = version)) AS at) first
           CROSS JOIN LATERAL (
             SELECT greatest((SELECT max(issued_at) FROM documents WHERE documents.template = version),
                             (SELECT max(at) FROM notices WHERE notices.template = version)) AS at) last
     WHERE name = :name
     ORDER BY current DESC, seen_at DESC`,
    { name, iso: 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"' },
  );
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}
