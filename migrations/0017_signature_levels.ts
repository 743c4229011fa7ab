import type { Knex } from 'knex';

/** How long the signatures of a document prove themselves, and when that must be prolonged. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE documents
      ADD COLUMN level text NOT NULL DEFAULT 'B-B' CHECK (level IN ('B-B', 'B-T', 'B-LTA')),
      -- At once where a trust service did not answer; later, before the last timestamp expires. Null: never.
      ADD COLUMN augment_due_at timestamptz;
    CREATE INDEX documents_augment_due ON documents (augment_due_at) WHERE augment_due_at IS NOT NULL;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw('ALTER TABLE documents DROP COLUMN level, DROP COLUMN augment_due_at');
}
