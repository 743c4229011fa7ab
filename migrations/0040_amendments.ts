import type { Knex } from 'knex';

/** An application that its applicant changes while a task lets them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    ALTER TABLE cases
      -- The window in which it took a place: it is changed while that lasts.
      ADD COLUMN filing_window uuid REFERENCES filing_windows,
      -- What tasks have said about people before is no longer what is known.
      ADD COLUMN amended_at timestamptz;
    ALTER TABLE tasks ADD COLUMN amendable boolean NOT NULL DEFAULT false;
    -- The case whose application a draft is to change.
    ALTER TABLE drafts ADD COLUMN amends text REFERENCES cases;

    -- What an application said before each change of it.
    CREATE TABLE amendments (
      case_code       text NOT NULL REFERENCES cases,
      number          integer NOT NULL,
      at              timestamptz NOT NULL,
      actor           jsonb NOT NULL,
      before          jsonb NOT NULL,
      PRIMARY KEY (case_code, number)
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DROP TABLE amendments;
    ALTER TABLE drafts DROP COLUMN amends;
    ALTER TABLE tasks DROP COLUMN amendable;
    ALTER TABLE cases DROP COLUMN filing_window, DROP COLUMN amended_at;
  `);
}
