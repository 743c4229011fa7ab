import type { Knex } from 'knex';

/** The register of an agency is read by the day of filing. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`CREATE INDEX cases_register ON cases (agency, code) INCLUDE (filed_at)`);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`DROP INDEX cases_register`);
}
