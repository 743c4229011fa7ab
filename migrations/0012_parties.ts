import type { Knex } from 'knex';

/** Who files for whom and with whom, and on which way an application came. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- Whom an application names by their personal number is known by this subject until they sign in, and after it.
    CREATE TABLE citizens (
      personal_number text PRIMARY KEY CHECK (personal_number ~ '^[0-9]{12}$'),
      sub             text NOT NULL UNIQUE
    );

    -- A paper by which an applicant lets somebody act in a case; both days belong to its time.
    CREATE TABLE authorisations (
      id              uuid PRIMARY KEY,
      representative_sub text NOT NULL,
      representative  jsonb NOT NULL,
      paper_number    text NOT NULL,
      issued_on       date NOT NULL,
      valid_until     date NOT NULL CHECK (valid_until >= issued_on),
      upload_id       uuid NOT NULL REFERENCES uploads,
      created_at      timestamptz NOT NULL,
      ended_at        timestamptz,
      ended_by        jsonb
    );
    CREATE INDEX authorisations_of_representative ON authorisations (representative_sub) WHERE ended_at IS NULL;

    -- An application that waits for its co-applicants. It is no case and has no number; once it is one, or has ended
    -- otherwise, nothing of its content is kept here.
    CREATE TABLE prepared_applications (
      id              uuid PRIMARY KEY,
      content         jsonb,
      prepared_by     jsonb NOT NULL,
      agency          text NOT NULL REFERENCES agencies,
      applicant_sub   text NOT NULL,
      authorisation   uuid REFERENCES authorisations,
      prepared_at     timestamptz NOT NULL,
      expires_at      timestamptz NOT NULL,
      ended_at        timestamptz,
      case_code       text REFERENCES cases
    );
    CREATE INDEX prepared_by_applicant ON prepared_applications (applicant_sub);
    CREATE INDEX prepared_by_preparer ON prepared_applications ((prepared_by->>'sub'));
    CREATE INDEX prepared_to_forget ON prepared_applications (expires_at) WHERE case_code IS NULL;

    CREATE TABLE co_signatures (
      application     uuid NOT NULL REFERENCES prepared_applications ON DELETE CASCADE,
      number          integer NOT NULL,
      sub             text NOT NULL,
      person          jsonb NOT NULL,
      signed_at       timestamptz,
      -- Who signed, under the subject of their sign-in.
      signed_by       text,
      refused_at      timestamptz,
      reason          text,
      PRIMARY KEY (application, number),
      UNIQUE (application, sub)
    );
    CREATE INDEX co_signatures_of_person ON co_signatures (sub);

    ALTER TABLE cases
      ADD COLUMN channel text NOT NULL DEFAULT 'online' CHECK (channel IN ('online', 'counter', 'postal')),
      -- The officer who took it in; nobody where it came online.
      ADD COLUMN taken_in_by jsonb,
      ADD COLUMN authorisation uuid REFERENCES authorisations,
      -- What its co-applicants signed.
      ADD COLUMN application uuid REFERENCES prepared_applications;
    CREATE INDEX cases_of_authorisation ON cases (authorisation) WHERE authorisation IS NOT NULL;
    CREATE INDEX cases_of_application ON cases (application) WHERE application IS NOT NULL;

    -- How a paper was shown to whoever took it in: the original, a certified copy or a copy; unknown online.
    ALTER TABLE case_papers ADD COLUMN brought text CHECK (brought IN ('original', 'certified', 'copy'));
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    ALTER TABLE case_papers DROP COLUMN brought;
    ALTER TABLE cases DROP COLUMN channel, DROP COLUMN taken_in_by, DROP COLUMN authorisation,
      DROP COLUMN application;
    DROP TABLE co_signatures, prepared_applications, authorisations, citizens;
  `);
}
