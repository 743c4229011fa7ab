import type { Knex } from 'knex';

/** Results that were wrong, and cases that go back to earlier ones. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What a result was made from, so that it can be issued again with its errors corrected, and what took its place.
    ALTER TABLE documents ADD COLUMN data jsonb, ADD COLUMN superseded_by uuid REFERENCES documents;

    ALTER TABLE case_links DROP CONSTRAINT case_links_kind_check,
      ADD CONSTRAINT case_links_kind_check
        CHECK (kind IN ('duplicate', 'follows', 'belongs-to', 'corrects', 'reopens'));
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DELETE FROM case_links WHERE kind IN ('corrects', 'reopens');
    ALTER TABLE case_links DROP CONSTRAINT case_links_kind_check,
      ADD CONSTRAINT case_links_kind_check CHECK (kind IN ('duplicate', 'follows', 'belongs-to'));
    ALTER TABLE documents DROP COLUMN data, DROP COLUMN superseded_by;
  `);
}
