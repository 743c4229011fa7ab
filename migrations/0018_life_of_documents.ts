import type { Knex } from 'knex';

/** What becomes of a document after it was issued. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE documents
      -- Place in the published lists of statuses.
      ADD COLUMN status_index bigint GENERATED ALWAYS AS IDENTITY,
      -- The notice that says why it is no longer in force.
      ADD COLUMN revoked_by uuid REFERENCES documents,
      ADD COLUMN revoked_at timestamptz,
      -- Last day in force; null: for good.
      ADD COLUMN valid_until date,
      -- When its holder is told that it ends; null once that has happened.
      ADD COLUMN remind_on date;
    CREATE UNIQUE INDEX documents_status ON documents (status_index);
    CREATE INDEX documents_out_of_force ON documents (status_index) WHERE superseded_by IS NOT NULL OR revoked_by IS NOT NULL;
    CREATE INDEX documents_remind ON documents (remind_on) WHERE remind_on IS NOT NULL;

    ALTER TABLE printouts DROP CONSTRAINT printouts_form_check,
      ADD CONSTRAINT printouts_form_check CHECK (form IN ('form-06', 'form-07', 'english-extract'));

    -- What an officer has decided about a document of a case that may have ended long ago.
    CREATE TABLE document_acts (
      id uuid PRIMARY KEY,
      document uuid NOT NULL REFERENCES documents,
      act text NOT NULL CHECK (act IN ('revoke', 'copy', 'reissue')),
      actor jsonb NOT NULL,
      reason text NOT NULL,
      basis text,
      at timestamptz NOT NULL,
      -- Under which the document is entered that comes of it: (case, name, number) makes it exist once.
      issues text NOT NULL,
      number int NOT NULL,
      started_at timestamptz,
      issued uuid REFERENCES documents
    );
    CREATE INDEX document_acts_of ON document_acts (document);
    CREATE INDEX document_acts_unstarted ON document_acts (at) WHERE started_at IS NULL;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DROP TABLE document_acts;
    ALTER TABLE documents DROP COLUMN status_index, DROP COLUMN revoked_by, DROP COLUMN revoked_at, DROP COLUMN valid_until,
      DROP COLUMN remind_on`);
}
