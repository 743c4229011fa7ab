import type { Knex } from 'knex';

/** How often somebody without a name has called; lost with a crash of PostgreSQL, which harms nobody. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE UNLOGGED TABLE rate_limits (
      -- What is limited and a keyed hash of who calls: no address of anybody.
      caller    text NOT NULL,
      ends_at   timestamptz NOT NULL,
      calls     integer NOT NULL,
      PRIMARY KEY (caller)
    );
    CREATE INDEX rate_limits_ends ON rate_limits (ends_at);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE rate_limits');
}
