import type { Knex } from 'knex';

/** When the performer of a task is warned, where the procedure says it. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `ALTER TABLE tasks ADD COLUMN warn_limit text`);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `ALTER TABLE tasks DROP COLUMN warn_limit`);
}
