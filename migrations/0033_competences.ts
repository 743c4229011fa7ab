import type { Knex } from 'knex';

/** Which agencies receive applications of a procedure; one without rows is received by all that receive any. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE competences (
      procedure_code  text NOT NULL,
      agency          text NOT NULL REFERENCES agencies,
      PRIMARY KEY (procedure_code, agency)
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE competences');
}
