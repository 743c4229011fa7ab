import type { Knex } from 'knex';

/** Cases that other cases open. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- The task of the parent that waits for this case, and whether it was told how this case has ended.
    ALTER TABLE cases ADD COLUMN parent_task uuid UNIQUE REFERENCES tasks, ADD COLUMN parent_told_at timestamptz;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`ALTER TABLE cases DROP COLUMN parent_task, DROP COLUMN parent_told_at`);
}
