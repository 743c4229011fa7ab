import type { Knex } from 'knex';

/** The record of what people did and saw; Temporal keeps what happens next. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    CREATE TABLE agencies (
      code            text PRIMARY KEY CHECK (code ~ '^[A-Z]\\d{2}(\\.\\d{2,3}){0,3}$'),
      kind            text NOT NULL CHECK (kind IN ('province', 'ward', 'department', 'service')),
      parent          text REFERENCES agencies,
      name            jsonb NOT NULL,
      place           text NOT NULL,
      abbreviation    text NOT NULL,
      contact         jsonb NOT NULL DEFAULT '{}'
    );

    CREATE TABLE fees (
      procedure_code  text NOT NULL,
      agency          text NOT NULL REFERENCES agencies,
      amount          integer NOT NULL CHECK (amount >= 0),
      legal_basis     text NOT NULL,
      PRIMARY KEY (procedure_code, agency)
    );

    -- Which agency answers a kind of consultation in this city.
    CREATE TABLE consulted_agencies (
      consultation    text PRIMARY KEY,
      agency          text NOT NULL REFERENCES agencies
    );

    -- Days that differ from the weekly rule; a row of an agency overrides the row of all (agency '').
    CREATE TABLE calendar_days (
      agency          text NOT NULL DEFAULT '',
      day             date NOT NULL,
      kind            text NOT NULL CHECK (kind IN ('holiday', 'compensatory-off', 'swapped-off', 'swapped-working')),
      name            text NOT NULL,
      legal_basis     text NOT NULL DEFAULT '',
      PRIMARY KEY (agency, day)
    );

    CREATE TABLE case_numbers (
      agency          text NOT NULL,
      day             date NOT NULL,
      last            integer NOT NULL,
      PRIMARY KEY (agency, day)
    );

    CREATE TABLE cases (
      code            text PRIMARY KEY,
      procedure       text NOT NULL,
      procedure_code  text NOT NULL,
      agency          text NOT NULL REFERENCES agencies,
      applicant_sub   text NOT NULL,
      applicant       jsonb NOT NULL,
      answers         jsonb NOT NULL,
      state           smallint NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 10),
      filed_at        timestamptz NOT NULL,
      accepted_at     timestamptz,
      due_at          timestamptz,
      due_derivation  jsonb,
      clock           text NOT NULL DEFAULT 'not-started' CHECK (clock IN ('not-started', 'running', 'paused', 'stopped')),
      closed_at       timestamptz,
      outcome         text,
      -- The agency that the case waits for because it does not answer, since when and why: the wait is the agency's.
      waiting         jsonb,
      clock_paused_at timestamptz,
      last_act        integer NOT NULL DEFAULT 0,
      -- The workflow run that moves this case and the story's last change, so that one that is told again does nothing.
      run_id          text,
      last_change     integer NOT NULL DEFAULT 0,
      -- Where the record of the case ends. Whoever changes the case appends to its record, so the length is its version.
      record_length   integer NOT NULL DEFAULT 0,
      record_hash     bytea NOT NULL DEFAULT ''
    );
    CREATE INDEX cases_of_applicant ON cases (applicant_sub, filed_at DESC, code);
    CREATE INDEX cases_open_of_agency ON cases (agency, due_at) WHERE closed_at IS NULL;
    CREATE INDEX cases_open ON cases (filed_at) WHERE closed_at IS NULL;

    CREATE TABLE case_keys (
      case_code       text PRIMARY KEY,
      wrapped_key     bytea NOT NULL
    );

    -- Insert-only, hash-chained for each case: hash = SHA-256(previous hash, canonical entry).
    CREATE TABLE case_record (
      case_code       text NOT NULL REFERENCES cases,
      number          integer NOT NULL,
      at              timestamptz NOT NULL,
      actor           jsonb NOT NULL,
      event           text NOT NULL,
      details         jsonb NOT NULL,
      reference       text NOT NULL,
      hash            bytea NOT NULL,
      PRIMARY KEY (case_code, number),
      UNIQUE (case_code, reference)
    );

    CREATE TABLE tasks (
      id              uuid PRIMARY KEY,
      case_code       text NOT NULL REFERENCES cases,
      name            text NOT NULL,
      number          integer NOT NULL,
      role            text NOT NULL,
      agency          text,
      not_by          text[] NOT NULL DEFAULT '{}',
      context         jsonb NOT NULL,
      state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'expired', 'cancelled')),
      answer          jsonb,
      opened_at       timestamptz NOT NULL,
      due_at          timestamptz,
      expires_at      timestamptz,
      escalated_at    timestamptz,
      claimed_by      text,
      claimed_name    text,
      claimed_at      timestamptz,
      closed_at       timestamptz,
      closed_by       jsonb,
      UNIQUE (case_code, name, number)
    );
    CREATE INDEX tasks_open_queue ON tasks (agency, role, (coalesce(due_at, expires_at)), id) WHERE state = 'open';
    CREATE INDEX tasks_claimed ON tasks (claimed_by) WHERE state = 'open';

    CREATE TABLE outbox (
      id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      case_code       text NOT NULL REFERENCES cases,
      act             integer NOT NULL,
      message         jsonb NOT NULL,
      created_at      timestamptz NOT NULL,
      sent_at         timestamptz,
      attempts        integer NOT NULL DEFAULT 0,
      last_error      text,
      UNIQUE (case_code, act)
    );
    CREATE INDEX outbox_unsent ON outbox (case_code, act) WHERE sent_at IS NULL;

    CREATE TABLE idempotency_keys (
      actor_sub       text NOT NULL,
      key             text NOT NULL,
      request_hash    bytea NOT NULL,
      status          smallint NOT NULL,
      answer          jsonb NOT NULL,
      created_at      timestamptz NOT NULL,
      PRIMARY KEY (actor_sub, key)
    );

    CREATE TABLE uploads (
      id              uuid PRIMARY KEY,
      owner_sub       text NOT NULL,
      sha256          text NOT NULL,
      size            integer NOT NULL,
      media_type      text NOT NULL,
      file_name       text NOT NULL,
      created_at      timestamptz NOT NULL
    );

    CREATE TABLE case_papers (
      case_code       text NOT NULL REFERENCES cases,
      number          integer NOT NULL,
      kind            text NOT NULL,
      upload_id       uuid NOT NULL REFERENCES uploads,
      added_at        timestamptz NOT NULL,
      PRIMARY KEY (case_code, number)
    );

    -- What an agency answered, once for each business key (case, effect, number).
    CREATE TABLE effects (
      case_code       text NOT NULL REFERENCES cases,
      effect          text NOT NULL,
      number          integer NOT NULL,
      answer          jsonb NOT NULL,
      at              timestamptz NOT NULL,
      PRIMARY KEY (case_code, effect, number)
    );

    CREATE TABLE register_numbers (
      agency          text NOT NULL,
      kind            text NOT NULL,
      year            smallint NOT NULL,
      number          integer NOT NULL,
      case_code       text NOT NULL REFERENCES cases,
      document        text NOT NULL,
      document_number integer NOT NULL,
      at              timestamptz NOT NULL,
      PRIMARY KEY (agency, kind, year, number),
      UNIQUE (case_code, document, document_number)
    );
    CREATE TABLE register_books (
      agency          text NOT NULL,
      kind            text NOT NULL,
      year            smallint NOT NULL,
      last            integer NOT NULL,
      PRIMARY KEY (agency, kind, year)
    );

    CREATE TABLE documents (
      id              uuid PRIMARY KEY,
      case_code       text NOT NULL REFERENCES cases,
      document        text NOT NULL,
      number          integer NOT NULL,
      register_number text,
      title           jsonb NOT NULL,
      sha256          text NOT NULL,
      size            integer NOT NULL,
      signers         jsonb NOT NULL,
      issued_at       timestamptz NOT NULL,
      UNIQUE (case_code, document, number)
    );
    CREATE INDEX documents_by_hash ON documents (sha256);

    CREATE TABLE notices (
      case_code       text NOT NULL REFERENCES cases,
      notice          text NOT NULL,
      number          integer NOT NULL,
      recipient_sub   text NOT NULL,
      subject         jsonb NOT NULL,
      body            jsonb NOT NULL,
      at              timestamptz NOT NULL,
      PRIMARY KEY (case_code, notice, number)
    );

    -- One row: what the last reconciliation of acts, cases, runs and results found.
    CREATE TABLE reconciliation (
      one             boolean PRIMARY KEY CHECK (one),
      at              timestamptz NOT NULL,
      findings        jsonb NOT NULL
    );

    CREATE TABLE sessions (
      sid             varchar PRIMARY KEY,
      sess            json NOT NULL,
      expire          timestamp(6) NOT NULL
    );
    CREATE INDEX sessions_expire ON sessions (expire);
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`DROP SCHEMA public CASCADE; CREATE SCHEMA public`);
}
