import type { Knex } from 'knex';

/** The systems of other agencies: how they answer, whether they are asked at all, and the calls that are tried again. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE connectors (
      code            text PRIMARY KEY,
      name            jsonb NOT NULL,
      -- While it is off nobody is asked: since when, why, and until when at most.
      off_at          timestamptz,
      off_reason      text,
      off_until       timestamptz,
      CHECK ((off_at IS NULL) = (off_reason IS NULL) AND (off_until IS NULL OR off_at IS NOT NULL))
    );

    -- What workers have seen of each, minute by minute, for a day.
    CREATE TABLE connector_minutes (
      connector       text NOT NULL,
      minute          timestamptz NOT NULL,
      answered        integer NOT NULL DEFAULT 0,
      failed          integer NOT NULL DEFAULT 0,
      -- Of those that were answered, in milliseconds.
      took            bigint NOT NULL DEFAULT 0,
      last_answer_at  timestamptz,
      last_failure_at timestamptz,
      last_failure    jsonb,
      PRIMARY KEY (connector, minute)
    );

    CREATE TABLE retrying_calls (
      case_code       text NOT NULL REFERENCES cases (code) ON DELETE CASCADE,
      -- As the Temporal UI calls it: ask parcel, issue permit.
      activity        text NOT NULL,
      number          integer NOT NULL,
      connector       text,
      attempts        integer NOT NULL,
      since           timestamptz NOT NULL,
      last_at         timestamptz NOT NULL,
      -- Why the last try failed, without anybody's data.
      failure         jsonb NOT NULL,
      -- What the story may be told in the place of an answer; null where nothing but the answer will do.
      stand_in        jsonb,
      -- When somebody asked for a try at once that Temporal has not been told of yet.
      retry_asked_at  timestamptz,
      PRIMARY KEY (case_code, activity, number)
    );
    CREATE INDEX retrying_calls_asked ON retrying_calls (retry_asked_at) WHERE retry_asked_at IS NOT NULL;
    CREATE INDEX retrying_calls_of_connector ON retrying_calls (connector);

    -- Why the proof for the archive could not be added the last time.
    ALTER TABLE documents ADD COLUMN augment_failure text;

    ALTER TABLE setting_changes
      DROP CONSTRAINT setting_changes_area_check,
      ADD CONSTRAINT setting_changes_area_check CHECK (area IN ('windows', 'tariffs', 'connectors'));
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    ALTER TABLE setting_changes DISABLE TRIGGER insert_only;
    DELETE FROM setting_changes WHERE area = 'connectors';
    ALTER TABLE setting_changes ENABLE TRIGGER insert_only,
      DROP CONSTRAINT setting_changes_area_check,
      ADD CONSTRAINT setting_changes_area_check CHECK (area IN ('windows', 'tariffs'));
    ALTER TABLE documents DROP COLUMN augment_failure;
    DROP TABLE retrying_calls, connector_minutes, connectors;
  `);
}
