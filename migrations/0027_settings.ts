import type { Knex } from 'knex';

/** What admins set on pages: when applications are taken, what agencies charge from which day, and who changed it and why. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE filing_windows (
      id              uuid PRIMARY KEY,
      -- An opening lets file while it lasts, and closes the rest of the time; a closing stops filing while it lasts.
      kind            text NOT NULL CHECK (kind IN ('opening', 'closing')),
      -- null: every procedure; every agency.
      procedure_code  text,
      agency          text REFERENCES agencies,
      from_at         timestamptz NOT NULL,
      -- null: until somebody ends it.
      to_at           timestamptz CHECK (to_at > from_at),
      cap             integer CHECK (cap > 0),
      -- Applications that were filed in it; exact, as it is counted by those who file.
      taken           integer NOT NULL DEFAULT 0 CHECK (taken >= 0 AND (cap IS NULL OR taken <= cap)),
      prepare_before  boolean NOT NULL,
      -- Whether it also binds those who come to the counter.
      counter_too     boolean NOT NULL,
      message         jsonb,
      withdrawn       boolean NOT NULL DEFAULT false,
      CHECK (kind = 'closing' OR procedure_code IS NOT NULL),
      CHECK (kind = 'opening' OR (cap IS NULL AND message IS NOT NULL))
    );
    CREATE INDEX filing_windows_in_use ON filing_windows (procedure_code) WHERE NOT withdrawn;

    -- What an agency charges from a day on; null: what the procedure itself says, again.
    ALTER TABLE fees
      ADD COLUMN valid_from date NOT NULL DEFAULT '1900-01-01',
      ALTER COLUMN amount DROP NOT NULL,
      DROP CONSTRAINT fees_pkey,
      ADD PRIMARY KEY (procedure_code, agency, item, valid_from);

    -- Insert-only: every change of a setting, in the transaction that makes it.
    CREATE TABLE setting_changes (
      id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      area            text NOT NULL CHECK (area IN ('windows', 'tariffs')),
      subject         text NOT NULL,
      at              timestamptz NOT NULL,
      actor           jsonb NOT NULL,
      -- null: there was none, there is none.
      before          jsonb,
      after           jsonb,
      reason          text NOT NULL
    );
    CREATE INDEX setting_changes_of_subject ON setting_changes (area, subject, id);
    CREATE FUNCTION keep_setting_changes() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'setting_changes is insert-only'; END $$;
    CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON setting_changes
      FOR EACH STATEMENT EXECUTE FUNCTION keep_setting_changes();
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DROP TABLE setting_changes, filing_windows;
    DROP FUNCTION keep_setting_changes;
    DELETE FROM fees WHERE valid_from > '1900-01-01' OR amount IS NULL;
    ALTER TABLE fees DROP CONSTRAINT fees_pkey, DROP COLUMN valid_from, ALTER COLUMN amount SET NOT NULL,
      ADD PRIMARY KEY (procedure_code, agency, item);
  `);
}
