import type { Knex } from 'knex';

/** Sessions that their owner sees and ends, and that the identity provider ends. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE sessions
      -- How a session is named to its owner: sid is the secret of its cookie.
      ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
      ADD COLUMN sub text GENERATED ALWAYS AS (sess->'actor'->>'sub') STORED,
      ADD COLUMN provider_sid text GENERATED ALWAYS AS (sess->>'providerSid') STORED,
      ADD COLUMN seen_at timestamptz,
      -- An ended session stays until it expires, so that a request under way cannot bring it back.
      ADD COLUMN ended_at timestamptz,
      ADD COLUMN ended_why text CHECK (ended_why IN ('idle', 'too-long', 'elsewhere', 'provider'));
    CREATE INDEX sessions_of ON sessions (sub) WHERE ended_at IS NULL;
    CREATE INDEX sessions_of_provider ON sessions (provider_sid) WHERE ended_at IS NULL;

    -- Logout tokens of the identity provider that were taken: each counts once.
    CREATE TABLE logout_tokens (
      jti text PRIMARY KEY,
      until timestamptz NOT NULL
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DROP TABLE logout_tokens;
    ALTER TABLE sessions DROP COLUMN id, DROP COLUMN sub, DROP COLUMN provider_sid, DROP COLUMN seen_at,
      DROP COLUMN ended_at, DROP COLUMN ended_why`);
}
