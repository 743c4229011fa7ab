import type { Knex } from 'knex';

/** What answers to tasks say about people, apart from what travels through Temporal; tariffs with items. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- The personal fields of the answer: they join the answers of the case's file and are never sent to Temporal.
    ALTER TABLE tasks ADD COLUMN personal jsonb;

    ALTER TABLE fees ADD COLUMN item text NOT NULL DEFAULT '';
    ALTER TABLE fees DROP CONSTRAINT fees_pkey, ADD PRIMARY KEY (procedure_code, agency, item);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DELETE FROM fees WHERE item <> '';
    ALTER TABLE fees DROP CONSTRAINT fees_pkey, ADD PRIMARY KEY (procedure_code, agency);
    ALTER TABLE fees DROP COLUMN item;
    ALTER TABLE tasks DROP COLUMN personal;
  `);
}
