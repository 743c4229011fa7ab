import type { Knex } from 'knex';

/** The legal clock of a case as an account that can be counted again, and warnings before the limits of tasks. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE cases ADD COLUMN clock_account jsonb;
    UPDATE cases
       SET clock_account = jsonb_build_object(
             'limit', due_derivation->>'limit', 'from', due_derivation->>'countedFrom', 'restarts', 0, 'extended', null,
             'pauses', CASE WHEN clock_paused_at IS NULL THEN '[]'::jsonb
                            ELSE jsonb_build_array(jsonb_build_object(
                              'from', to_char(clock_paused_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                              'to', null, 'waitsFor', 'applicant')) END)
     WHERE due_derivation IS NOT NULL;
    ALTER TABLE cases DROP COLUMN clock_paused_at;

    -- The limit from which a deadline was counted, so that it can be counted again when the calendar changes.
    ALTER TABLE tasks ADD COLUMN time_limit text, ADD COLUMN warn_at timestamptz, ADD COLUMN warned_at timestamptz;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE tasks DROP COLUMN time_limit, DROP COLUMN warn_at, DROP COLUMN warned_at;
    ALTER TABLE cases DROP COLUMN clock_account, ADD COLUMN clock_paused_at timestamptz;
  `);
}
