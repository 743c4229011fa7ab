import type { Database } from './db.ts';
import type { StoredObject } from './objects.ts';

/** A closed run of a case. */
export interface ClosedRun {
  code: string;
  run: string;
  /** Id of the edition. */
  procedure: string;
  startedAt: Date;
  closedAt: Date;
}

/** An archived run: where its history lies. */
export type ArchivedRun = ClosedRun & StoredObject;

/** The instant before which every closed run has been looked at; undefined before the first time. */
export async function archiveReached(db: Database): Promise<Date | undefined> {
  const row = await db('archive_progress').first<{ reached: Date } | undefined>('reached');
  return row?.reached;
}

/** Keeps up to which instant closed runs have been looked at; it never goes back. */
export async function keepReached(db: Database, reached: Date): Promise<void> {
  await db.raw(
    /* sql */ `
    INSERT INTO archive_progress VALUES (true, :reached)
    ON CONFLICT (one) DO UPDATE SET reached = greatest(archive_progress.reached, :reached)`,
    { reached },
  );
}

/** Says whether a run can be archived: it belongs to a case of ours, and is not archived yet. */
export async function isUnarchived(db: Database, { code, run }: ClosedRun): Promise<boolean> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    /* sql */ `
    SELECT FROM cases WHERE code = :code
       AND NOT EXISTS (SELECT FROM archived_runs WHERE case_code = :code AND run_id = :run)`,
    { code, run },
  );
  return rows.length > 0;
}

/** Enters an archived run once. */
export async function enterArchived(db: Database, archived: ArchivedRun, at: Date): Promise<void> {
  await db('archived_runs')
    .insert({
      case_code: archived.code,
      run_id: archived.run,
      procedure: archived.procedure,
      started_at: archived.startedAt,
      closed_at: archived.closedAt,
      sha256: archived.sha256,
      size: archived.size,
      archived_at: at,
    })
    .onConflict(['case_code', 'run_id'])
    .ignore();
}

/** The archived runs of a case in the order in which they followed each other. */
export async function archivedRuns(db: Database, code: string): Promise<ArchivedRun[]> {
  return db('archived_runs')
    .where({ case_code: code })
    .orderBy(['started_at', 'closed_at'])
    .select<ArchivedRun[]>({
      code: 'case_code',
      run: 'run_id',
      procedure: 'procedure',
      startedAt: 'started_at',
      closedAt: 'closed_at',
      sha256: 'sha256',
      size: 'size',
    });
}
