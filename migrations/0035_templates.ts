import type { Knex } from 'knex';

/** Which version of its template each document and message was made of, and the versions that this installation has had. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE template_versions (
      -- Path below templates/, without its ending.
      name            text NOT NULL,
      version         text NOT NULL,
      title           jsonb NOT NULL,
      seen_at         timestamptz NOT NULL,
      -- The worker that started last came with it.
      current         boolean NOT NULL DEFAULT true,
      PRIMARY KEY (name, version)
    );

    -- What was issued before says nothing of its template.
    ALTER TABLE documents ADD COLUMN template text;
    CREATE INDEX documents_by_template ON documents (template, issued_at) WHERE template IS NOT NULL;
    CREATE INDEX notices_by_template ON notices (template, at) WHERE template IS NOT NULL;

    ALTER TABLE printouts
      DROP CONSTRAINT printouts_form_check,
      ADD CONSTRAINT printouts_form_check CHECK (form IN ('form-06', 'form-07', 'english-extract', 'draft', 'sample'));
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DELETE FROM printouts WHERE form = 'sample';
    ALTER TABLE printouts
      DROP CONSTRAINT printouts_form_check,
      ADD CONSTRAINT printouts_form_check CHECK (form IN ('form-06', 'form-07', 'english-extract', 'draft'));
    DROP INDEX notices_by_template;
    ALTER TABLE documents DROP COLUMN template;
    DROP TABLE template_versions;
  `);
}
