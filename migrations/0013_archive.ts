import type { Knex } from 'knex';

/** Histories that are kept when Temporal has deleted them. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- One closed run of a case; its history lies in the object store as Temporal kept it, encrypted.
    CREATE TABLE archived_runs (
      case_code       text NOT NULL REFERENCES cases,
      run_id          text NOT NULL,
      procedure       text NOT NULL,
      started_at      timestamptz NOT NULL,
      closed_at       timestamptz NOT NULL,
      sha256          text NOT NULL,
      size            integer NOT NULL,
      archived_at     timestamptz NOT NULL,
      PRIMARY KEY (case_code, run_id)
    );

    -- One row: every run that was closed before this instant has been looked at.
    CREATE TABLE archive_progress (
      one             boolean PRIMARY KEY CHECK (one),
      reached         timestamptz NOT NULL
    );
    CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at IS NOT NULL;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`DROP INDEX cases_closed; DROP TABLE archive_progress, archived_runs`);
}
