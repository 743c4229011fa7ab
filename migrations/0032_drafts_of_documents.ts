import type { Knex } from 'knex';

/** Lets drafts of results be looked at before anybody signs them; they are made where every document is made, and kept nowhere. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    ALTER TABLE printouts
      DROP CONSTRAINT printouts_form_check,
      ADD CONSTRAINT printouts_form_check CHECK (form IN ('form-06', 'form-07', 'english-extract', 'draft'));
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DELETE FROM printouts WHERE form = 'draft';
    ALTER TABLE printouts
      DROP CONSTRAINT printouts_form_check,
      ADD CONSTRAINT printouts_form_check CHECK (form IN ('form-06', 'form-07', 'english-extract'));
  `);
}
