import type { Knex } from 'knex';

/** How the applicant's side found the service, once a case has ended. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE ratings (
      case_code text PRIMARY KEY REFERENCES cases (code) ON DELETE CASCADE,
      score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
      comment text NOT NULL DEFAULT '',
      at timestamptz NOT NULL
    );
    CREATE INDEX ratings_at ON ratings (at);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE ratings');
}
