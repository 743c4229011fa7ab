import type { Knex } from 'knex';

/** Who of the officers has read a case: a row for each of them, case and local day, so that reading stays cheap. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE case_reads (
      case_code text NOT NULL REFERENCES cases (code) ON DELETE CASCADE,
      sub text NOT NULL,
      day date NOT NULL,
      first_at timestamptz NOT NULL,
      -- {"name", "agency"?, "title"?}
      reader jsonb NOT NULL,
      PRIMARY KEY (case_code, day, sub)
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE case_reads');
}
