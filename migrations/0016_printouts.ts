import type { Knex } from 'knex';

/** Forms that somebody has asked for as PDFs and that only the worker, which keeps the seals, can make. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A row lives from the question to its answer; nothing refers to it. Losing it costs a repeated question.
    CREATE UNLOGGED TABLE printouts (
      id              uuid PRIMARY KEY,
      form            text NOT NULL CHECK (form IN ('form-06', 'form-07')),
      agency          text NOT NULL REFERENCES agencies,
      content         jsonb NOT NULL,
      asked_at        timestamptz NOT NULL,
      pdf             bytea,
      failed          boolean NOT NULL DEFAULT false
    );
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`DROP TABLE printouts`);
}
