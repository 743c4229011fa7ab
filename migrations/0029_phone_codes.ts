import type { Knex } from 'knex';

/** The code that was last sent to the phone of a case's applicant. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE phone_codes (
      case_code text PRIMARY KEY REFERENCES cases (code) ON DELETE CASCADE,
      -- Keyed, as a million possible codes are soon tried out on a plain one.
      hash      bytea NOT NULL,
      tries     integer NOT NULL DEFAULT 0,
      ends_at   timestamptz NOT NULL
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE phone_codes');
}
