import type { Knex } from 'knex';

/** What inboxes of a million cases need: queues in every order, search without diacritics, views, filters, live news. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    CREATE EXTENSION IF NOT EXISTS unaccent;
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;

    -- Small letters and digits only. PostgreSQL does not call unaccent immutable, as its dictionary could be replaced:
    -- whoever does that must rebuild the index that rests on this.
    CREATE FUNCTION folded(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT trim(regexp_replace(lower(unaccent(normalize(given, NFC))), '[^a-z0-9]+', ' ', 'g'))
    $$;

    -- Ward and street of what the case is about, without the number of the house, where its procedure says so.
    ALTER TABLE cases ADD COLUMN area text;
    CREATE INDEX cases_of_agency ON cases (agency, filed_at DESC, code DESC);
    CREATE INDEX cases_by_filing ON cases (filed_at DESC, code DESC);

    ALTER TABLE tasks
      -- What queues are narrowed by stands beside the task, so that a queue is read without its cases.
      ADD COLUMN edition text,
      ADD COLUMN area text,
      -- The folded name of the applicant and the code of the case without its dashes, by which officers find an open
      -- task; when the task closes nothing of it is kept here.
      ADD COLUMN sought text,
      -- Which officer of the agency opened it first, and when.
      ADD COLUMN viewed_at timestamptz,
      ADD COLUMN viewed_by text;

    CREATE FUNCTION describe_task() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      SELECT procedure, folded(cases.area) INTO NEW.edition, NEW.area FROM cases WHERE code = NEW.case_code;
      IF NEW.state <> 'open' OR NEW.agency IS NULL THEN
        NEW.sought := NULL;
      ELSE
        SELECT concat(' ', folded(applicant->>'fullName'), ' ', lower(regexp_replace(code, '[.-]', '', 'g')),
                      ' ', replace(substring(code FROM position('-' IN code)), '-', ''))
          INTO NEW.sought FROM cases WHERE code = NEW.case_code;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER task_described BEFORE INSERT OR UPDATE OF state ON tasks
      FOR EACH ROW EXECUTE FUNCTION describe_task();
    UPDATE tasks SET state = state;

    DROP INDEX tasks_open_queue;
    CREATE INDEX tasks_by_deadline ON tasks (agency, role, (coalesce(due_at, expires_at, 'infinity')), id)
      WHERE state = 'open' AND agency IS NOT NULL;
    CREATE INDEX tasks_by_opening ON tasks (agency, role, opened_at, id)
      WHERE state = 'open' AND agency IS NOT NULL;
    CREATE INDEX tasks_by_case ON tasks (agency, role, (case_code COLLATE "C"), id)
      WHERE state = 'open' AND agency IS NOT NULL;
    CREATE INDEX tasks_not_viewed ON tasks (agency, role, (coalesce(due_at, expires_at, 'infinity')), id)
      WHERE state = 'open' AND agency IS NOT NULL AND viewed_at IS NULL;
    CREATE INDEX tasks_sought ON tasks USING gin (agency, sought gin_trgm_ops, area gin_trgm_ops)
      WHERE state = 'open' AND agency IS NOT NULL;
    CREATE INDEX tasks_done_by ON tasks ((closed_by->>'sub'), edition, closed_at) WHERE state = 'done';

    CREATE TABLE saved_filters (
      id              uuid PRIMARY KEY,
      owner_sub       text NOT NULL,
      -- Whose officers see it beside its owner; null: nobody.
      shared_with     text,
      name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
      query           text NOT NULL CHECK (char_length(query) <= 1000),
      created_at      timestamptz NOT NULL
    );
    CREATE INDEX saved_filters_of_owner ON saved_filters (owner_sub, name);
    CREATE INDEX saved_filters_shared ON saved_filters (shared_with, name) WHERE shared_with IS NOT NULL;

    -- Who listens learns by these which queues and cases to look at again. PostgreSQL tells the same words once for each
    -- transaction, after its commit.
    CREATE FUNCTION tell_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.agency IS NOT NULL THEN PERFORM pg_notify('motcua_live', 'queues ' || NEW.agency); END IF;
      IF TG_OP = 'UPDATE' AND OLD.agency IS NOT NULL AND OLD.agency IS DISTINCT FROM NEW.agency THEN
        PERFORM pg_notify('motcua_live', 'queues ' || OLD.agency);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER task_told AFTER INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION tell_of_task();

    -- Whoever changes a case appends to its record.
    CREATE FUNCTION tell_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('motcua_live', 'case ' || NEW.code);
      RETURN NULL;
    END $$;
    CREATE TRIGGER case_told AFTER INSERT OR UPDATE OF record_length ON cases
      FOR EACH ROW EXECUTE FUNCTION tell_of_case();
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    DROP TRIGGER case_told ON cases;
    DROP TRIGGER task_told ON tasks;
    DROP TRIGGER task_described ON tasks;
    DROP FUNCTION tell_of_case, tell_of_task, describe_task;
    DROP TABLE saved_filters;
    DROP INDEX cases_of_agency, cases_by_filing, tasks_done_by;
    ALTER TABLE tasks DROP COLUMN edition, DROP COLUMN area, DROP COLUMN sought, DROP COLUMN viewed_at,
      DROP COLUMN viewed_by;
    DROP INDEX tasks_by_deadline, tasks_by_opening, tasks_by_case;
    ALTER TABLE cases DROP COLUMN area;
    CREATE INDEX tasks_open_queue ON tasks (agency, role, (coalesce(due_at, expires_at)), id) WHERE state = 'open';
    DROP FUNCTION folded;
  `);
}
