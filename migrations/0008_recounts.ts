import type { Knex } from 'knex';

/** Recounts of open cases after a change of the calendar: what was asked for, how far it has come, what became of each case. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    CREATE TABLE recounts (
      id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- The agency whose calendar changed, with all below it; '' for all.
      agency          text NOT NULL,
      reason          jsonb NOT NULL,
      asked_at        timestamptz NOT NULL,
      asked_by        jsonb NOT NULL,
      started_at      timestamptz,
      finished_at     timestamptz,
      -- Code of the last case that was looked at, how many were, and how many had to count again.
      after           text NOT NULL DEFAULT '',
      checked         integer NOT NULL DEFAULT 0,
      told            integer NOT NULL DEFAULT 0
    );
    CREATE INDEX recounts_unstarted ON recounts (id) WHERE started_at IS NULL;

    CREATE TABLE recounted_cases (
      recount         bigint NOT NULL REFERENCES recounts,
      case_code       text NOT NULL,
      told_at         timestamptz NOT NULL,
      due_before      timestamptz,
      due_after       timestamptz,
      done_at         timestamptz,
      PRIMARY KEY (recount, case_code)
    );
    CREATE INDEX recounted_cases_pending ON recounted_cases (recount, told_at) WHERE done_at IS NULL;
    CREATE INDEX cases_open_by_agency_code ON cases (agency, code) WHERE closed_at IS NULL;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`DROP TABLE recounted_cases, recounts; DROP INDEX cases_open_by_agency_code`);
}
