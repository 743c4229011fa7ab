import type { Knex } from 'knex';

/** Applications and answers that are being filled in, kept as typed until they are handed in. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE drafts (
      id uuid PRIMARY KEY,
      owner_sub text NOT NULL,
      -- Code of a procedure, or id of a task.
      about text NOT NULL,
      channel text NOT NULL CHECK (channel IN ('online', 'counter', 'postal')),
      -- Texts by JSON Pointer, as they were typed.
      filled jsonb NOT NULL DEFAULT '{}',
      -- [{"kind", "upload", "brought"?}]
      papers jsonb NOT NULL DEFAULT '[]',
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL
    );
    CREATE INDEX drafts_of_owner ON drafts (owner_sub, about, updated_at DESC);
    CREATE INDEX drafts_expiring ON drafts (expires_at);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE drafts');
}
