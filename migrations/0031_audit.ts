import type { Knex } from 'knex';

/** Lets auditors search the records of all cases by time and by who acted without reading them all. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE INDEX case_record_by_time ON case_record (at DESC, case_code DESC, number DESC);
    CREATE INDEX case_record_by_actor ON case_record ((actor->>'sub'), at DESC);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX case_record_by_time, case_record_by_actor');
}
