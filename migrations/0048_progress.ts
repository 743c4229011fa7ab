import type { Knex } from 'knex';

/** What the performer of a task tells of it before it is done, also from where there was no network. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE task_progress (
      task_id         uuid NOT NULL REFERENCES tasks,
      number          integer NOT NULL,
      status          text NOT NULL,
      -- When it was, as the performer's device says, and when we heard of it.
      happened_at     timestamptz NOT NULL,
      told_at         timestamptz NOT NULL,
      place           point,
      note            text NOT NULL,
      by              jsonb NOT NULL,
      PRIMARY KEY (task_id, number)
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`DROP TABLE task_progress`);
}
