import type { Knex } from 'knex';

/**
 * Health records and what may be read of them: FHIR resources with all their versions, consents with all theirs, emergencies, and
 * every access. Nothing of it ever enters Temporal.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE health_records (
      -- Also of the FHIR resource Patient.
      id              uuid PRIMARY KEY,
      case_code       text NOT NULL UNIQUE REFERENCES cases,
      -- Forgotten when the record is erased; the row stays, so that old addresses answer that it is gone.
      personal_number text,
      citizen_sub     text NOT NULL,
      -- A draft is what registries have told, before its citizen has published it.
      state           text NOT NULL CHECK (state IN ('draft', 'open', 'restricted', 'erased')),
      opened_at       timestamptz NOT NULL
    );
    CREATE UNIQUE INDEX health_records_one_of_each ON health_records (personal_number) WHERE state IN ('open', 'restricted');
    CREATE INDEX health_records_drafts ON health_records (case_code) WHERE state = 'draft';

    -- What registries have told for a case, until it is published or the case has ended.
    CREATE TABLE health_pulled (
      id        uuid NOT NULL UNIQUE,
      case_code text NOT NULL REFERENCES cases,
      source    text NOT NULL,
      source_id text NOT NULL,
      resource  jsonb NOT NULL,
      PRIMARY KEY (case_code, source, source_id)
    );

    CREATE TABLE fhir_resources (
      type        text NOT NULL,
      id          uuid NOT NULL,
      record_id   uuid NOT NULL REFERENCES health_records,
      version     int NOT NULL,
      updated_at  timestamptz NOT NULL,
      -- The class by which consents name it; null where any consent will do.
      data_class  text,
      sensitive   text[] NOT NULL,
      identifiers text[] NOT NULL,
      -- When it happened or was recorded; the end is not in it.
      from_at     timestamptz,
      to_at       timestamptz,
      -- Null when the record was erased.
      resource    jsonb,
      PRIMARY KEY (type, id)
    );
    CREATE INDEX fhir_resources_of_a_record ON fhir_resources (record_id, type, updated_at DESC, id DESC);
    CREATE INDEX fhir_resources_identifiers ON fhir_resources USING gin (identifiers) WHERE identifiers <> '{}';

    CREATE TABLE fhir_versions (
      type       text NOT NULL,
      id         uuid NOT NULL,
      version    int NOT NULL,
      record_id  uuid NOT NULL REFERENCES health_records,
      updated_at timestamptz NOT NULL,
      sensitive  text[] NOT NULL,
      -- Who wrote it: a health worker, a registry that told it, the citizen.
      author     jsonb NOT NULL,
      provenance uuid NOT NULL UNIQUE,
      resource   jsonb,
      PRIMARY KEY (type, id, version),
      FOREIGN KEY (type, id) REFERENCES fhir_resources
    );
    CREATE INDEX fhir_versions_of_a_record ON fhir_versions (record_id, updated_at DESC, provenance);

    CREATE TABLE health_consents (
      id         uuid NOT NULL,
      version    int NOT NULL,
      case_code  text NOT NULL REFERENCES cases,
      record_id  uuid NOT NULL REFERENCES health_records,
      recipient  text NOT NULL REFERENCES agencies,
      purpose    text NOT NULL,
      classes    text[] NOT NULL,
      sensitive  text[] NOT NULL,
      valid_from date NOT NULL,
      valid_to   date NOT NULL,
      state      text NOT NULL CHECK (state IN ('active', 'replaced', 'withdrawn', 'expired')),
      granted_at timestamptz NOT NULL,
      ended_at   timestamptz,
      PRIMARY KEY (id, version),
      UNIQUE (case_code, version)
    );
    CREATE UNIQUE INDEX health_consents_one_in_force ON health_consents (case_code) WHERE state = 'active';
    CREATE INDEX health_consents_in_force ON health_consents (recipient, purpose, record_id) WHERE state = 'active';
    CREATE INDEX health_consents_of_a_recipient ON health_consents (recipient, granted_at);
    CREATE INDEX health_consents_of_a_record ON health_consents (record_id, granted_at);

    CREATE TABLE health_emergencies (
      id        uuid PRIMARY KEY,
      record_id uuid NOT NULL REFERENCES health_records,
      sub       text NOT NULL,
      -- Name, agency and title of whoever it is.
      actor     jsonb NOT NULL,
      reason    text NOT NULL,
      at        timestamptz NOT NULL,
      until_at  timestamptz NOT NULL,
      -- Which of the record's case's acts it is: the number of the task that reviews it.
      act       int NOT NULL,
      verdict   text CHECK (verdict IN ('justified', 'abuse')),
      judged_at timestamptz,
      judged_by jsonb
    );
    CREATE INDEX health_emergencies_of_a_record ON health_emergencies (record_id, at DESC);
    CREATE INDEX health_emergencies_of_a_reader ON health_emergencies (sub, until_at);

    CREATE TABLE health_accesses (
      id         uuid PRIMARY KEY,
      at         timestamptz NOT NULL,
      record_ids uuid[] NOT NULL,
      actor      jsonb NOT NULL,
      purpose    text,
      ground     text NOT NULL CHECK (ground IN ('own', 'consent', 'emergency', 'none')),
      action     text NOT NULL,
      type       text,
      found      int NOT NULL
    );
    CREATE INDEX health_accesses_of_records ON health_accesses USING gin (record_ids);
    CREATE INDEX health_accesses_by_time ON health_accesses (at);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DROP TABLE health_accesses, health_emergencies, health_consents, fhir_versions, fhir_resources, health_pulled, health_records;
  `);
}
