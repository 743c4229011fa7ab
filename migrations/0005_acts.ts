import type { Knex } from 'knex';

/** What people do to a case beside deciding: officers known by name, substitutes, comments, links, undo, bulk acts. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- Officers as their latest sign-in or act showed them; citizens are not kept here.
    CREATE TABLE people (
      sub             text PRIMARY KEY,
      name            text NOT NULL,
      roles           text[] NOT NULL,
      agency          text NOT NULL,
      title           text,
      seen_at         timestamptz NOT NULL
    );
    CREATE INDEX people_of_agency ON people (agency, name, sub);

    -- A substitute acts in their own name for a principal of the same agency; an instant belongs to [from_at, to_at).
    CREATE TABLE delegations (
      id              uuid PRIMARY KEY,
      principal_sub   text NOT NULL REFERENCES people,
      substitute_sub  text NOT NULL REFERENCES people CHECK (substitute_sub <> principal_sub),
      agency          text NOT NULL,
      roles           text[] NOT NULL CHECK (cardinality(roles) > 0),
      -- Ids of editions; null means every one.
      procedures      text[],
      from_at         timestamptz NOT NULL,
      to_at           timestamptz NOT NULL CHECK (to_at > from_at),
      reason          text NOT NULL DEFAULT '',
      created_at      timestamptz NOT NULL,
      created_by      jsonb NOT NULL,
      revoked_at      timestamptz,
      revoked_by      jsonb
    );
    CREATE INDEX delegations_of_substitute ON delegations (substitute_sub, to_at) WHERE revoked_at IS NULL;
    CREATE INDEX delegations_of_principal ON delegations (principal_sub, to_at);

    CREATE TABLE comments (
      case_code       text NOT NULL REFERENCES cases,
      number          integer NOT NULL,
      author_sub      text NOT NULL,
      author_name     text NOT NULL,
      body            text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 2000),
      mentions        text[] NOT NULL,
      at              timestamptz NOT NULL,
      PRIMARY KEY (case_code, number)
    );

    CREATE TABLE case_links (
      id              uuid PRIMARY KEY,
      case_code       text NOT NULL REFERENCES cases,
      other_code      text NOT NULL REFERENCES cases CHECK (other_code <> case_code),
      kind            text NOT NULL CHECK (kind IN ('duplicate', 'follows', 'belongs-to')),
      at              timestamptz NOT NULL,
      removed_at      timestamptz
    );
    CREATE UNIQUE INDEX case_links_once
        ON case_links (least(case_code, other_code), greatest(case_code, other_code), kind) WHERE removed_at IS NULL;
    CREATE INDEX case_links_of_case ON case_links (case_code) WHERE removed_at IS NULL;
    CREATE INDEX case_links_of_other ON case_links (other_code) WHERE removed_at IS NULL;

    -- A message with not_before is held: its act can be undone, and nothing is told of it until it is released.
    ALTER TABLE outbox ADD COLUMN not_before timestamptz;
    CREATE INDEX outbox_held ON outbox (not_before) WHERE not_before IS NOT NULL;

    -- A step of the engine may have read the answer of a held act and gone on from there. From that step on the act
    -- can no longer be undone, whatever the clocks say: every step sets run_id, and nothing else does.
    CREATE FUNCTION release_held_acts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE outbox SET not_before = NULL
       WHERE case_code = NEW.code AND sent_at IS NULL AND not_before IS NOT NULL;
      IF FOUND THEN PERFORM pg_notify('motcua_outbox', ''); END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER case_stepped AFTER UPDATE OF run_id ON cases
      FOR EACH ROW EXECUTE FUNCTION release_held_acts();

    CREATE TABLE bulk_acts (
      id              uuid PRIMARY KEY,
      -- Who asked, with the roles that they had then; each item counts only those that they still have.
      actor           jsonb NOT NULL,
      act             jsonb NOT NULL,
      created_at      timestamptz NOT NULL
    );
    CREATE TABLE bulk_items (
      bulk            uuid NOT NULL REFERENCES bulk_acts,
      position        integer NOT NULL,
      task            uuid NOT NULL,
      state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
      attempts        integer NOT NULL DEFAULT 0,
      why             jsonb,
      at              timestamptz,
      PRIMARY KEY (bulk, position),
      UNIQUE (bulk, task)
    );
    CREATE INDEX bulk_items_waiting ON bulk_items (attempts, bulk, position) WHERE state = 'waiting';
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DROP TABLE bulk_items, bulk_acts, case_links, comments, delegations, people;
    DROP TRIGGER case_stepped ON cases;
    DROP FUNCTION release_held_acts;
    ALTER TABLE outbox DROP COLUMN not_before;
  `);
}
