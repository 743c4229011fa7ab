import type { Knex } from 'knex';

/** Calendars that agencies keep themselves: office hours with their history, closings, and who changed what and why. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE calendar_days
      DROP CONSTRAINT calendar_days_kind_check,
      ADD CONSTRAINT calendar_days_kind_check CHECK (kind IN
        ('holiday', 'compensatory-off', 'swapped-off', 'swapped-working', 'emergency-closing')),
      -- The part of the day that is closed, '13:00-24:00'; null: what the kind says holds all day.
      ADD COLUMN closed text CHECK (closed ~ '^\\d{2}:\\d{2}-\\d{2}:\\d{2}$');

    -- Office hours by weekday that hold from a day on; those of the nearest agency up the tree count, '' is for all.
    CREATE TABLE office_hours (
      agency          text NOT NULL DEFAULT '',
      valid_from      date NOT NULL,
      work            jsonb NOT NULL,
      -- When files are taken although the time does not count.
      intake          jsonb NOT NULL DEFAULT '{}',
      legal_basis     text NOT NULL DEFAULT '',
      PRIMARY KEY (agency, valid_from)
    );
    INSERT INTO office_hours (valid_from, work, intake, legal_basis)
    SELECT '1900-01-01', jsonb_object_agg(weekday, '["07:30-11:30", "13:00-17:00"]'::jsonb),
           '{"sat": ["07:30-11:30"]}', 'Quyết định 188/1999/QĐ-TTg; Quyết định 14/2010/QĐ-TTg'
      FROM unnest(ARRAY['mon', 'tue', 'wed', 'thu', 'fri']) AS weekday;

    -- Insert-only: every change of a calendar, in the transaction that makes it. Open cases are counted again from here.
    CREATE TABLE calendar_changes (
      id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- The agency whose calendar changed, for itself and those below it; '' for all.
      agency          text NOT NULL,
      at              timestamptz NOT NULL,
      actor           jsonb NOT NULL,
      change          jsonb NOT NULL,
      reason          jsonb NOT NULL,
      legal_basis     text NOT NULL
    );
    CREATE INDEX calendar_changes_of_agency ON calendar_changes (agency, id);
    CREATE FUNCTION keep_calendar_changes() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'calendar_changes is insert-only'; END $$;
    CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_changes
      FOR EACH STATEMENT EXECUTE FUNCTION keep_calendar_changes();

    -- One row: what the city's file said when it was loaded last, so that only what it changed is applied.
    CREATE TABLE loaded_calendar (
      one             boolean PRIMARY KEY CHECK (one),
      version         text NOT NULL,
      calendar        jsonb NOT NULL,
      at              timestamptz NOT NULL
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DROP TABLE loaded_calendar, calendar_changes, office_hours;
    DROP FUNCTION keep_calendar_changes;
    DELETE FROM calendar_days WHERE kind = 'emergency-closing';
    ALTER TABLE calendar_days DROP COLUMN closed, DROP CONSTRAINT calendar_days_kind_check,
      ADD CONSTRAINT calendar_days_kind_check CHECK (kind IN
        ('holiday', 'compensatory-off', 'swapped-off', 'swapped-working'));
  `);
}
