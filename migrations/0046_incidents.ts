import type { Knex } from 'knex';

/** Incidents at a place: the services of a city, its areas, what people report, who follows it and what is told in public. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    ALTER TABLE agencies DROP CONSTRAINT agencies_kind_check,
      -- A team works in the field for the agency above it.
      ADD CONSTRAINT agencies_kind_check CHECK (kind IN ('province', 'ward', 'department', 'service', 'team'));
    ALTER TABLE cases DROP CONSTRAINT cases_channel_check,
      ADD CONSTRAINT cases_channel_check CHECK (channel IN ('online', 'counter', 'postal', 'machine'));
    -- How many on the ladder have heard that a task is overdue.
    ALTER TABLE tasks ADD COLUMN escalations smallint NOT NULL DEFAULT 0;

    -- What can be reported, who leads then, and how soon. Settings, as windows and tariffs are.
    CREATE TABLE services (
      code            text PRIMARY KEY CHECK (code ~ '^[a-z0-9-]{1,40}$'),
      procedure_code  text NOT NULL,
      position        integer NOT NULL,
      facts           jsonb NOT NULL,
      withdrawn       boolean NOT NULL DEFAULT false
    );
    ALTER TABLE setting_changes DROP CONSTRAINT setting_changes_area_check,
      ADD CONSTRAINT setting_changes_area_check CHECK (area IN ('windows', 'tariffs', 'connectors', 'services'));

    -- Where an agency is the one of the place: outlines of its area and holes in it (longitude, latitude).
    CREATE TABLE areas (
      agency          text NOT NULL REFERENCES agencies,
      number          integer NOT NULL,
      outline         polygon NOT NULL,
      hole            boolean NOT NULL,
      PRIMARY KEY (agency, number)
    );
    CREATE INDEX areas_outline ON areas USING gist (outline);

    CREATE TABLE incidents (
      case_code       text PRIMARY KEY REFERENCES cases,
      procedure_code  text NOT NULL,
      service         text NOT NULL REFERENCES services,
      lat             double precision NOT NULL,
      lng             double precision NOT NULL,
      place           point GENERATED ALWAYS AS (point(lng, lat)) STORED,
      -- The place as a number whose leading bits are those of its neighbourhood (Z-order of the map's tiles).
      cell            bigint NOT NULL,
      ward            text REFERENCES agencies,
      -- Folded words of whoever reported it, to find the same again; never shown.
      sought          text NOT NULL,
      severity        smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
      duplicates      integer NOT NULL DEFAULT 0,
      followers       integer NOT NULL DEFAULT 0,
      -- What many report goes before.
      priority        smallint GENERATED ALWAYS AS
        (LEAST(5, severity + CASE WHEN duplicates >= 5 THEN 2 WHEN duplicates >= 2 THEN 1 ELSE 0 END)) STORED,
      merged_into     text REFERENCES cases,
      -- Whether its kind is shown in public at all.
      published       boolean NOT NULL,
      -- What an officer has let become public of the words.
      words           text,
      rating          smallint CHECK (rating BETWEEN 1 AND 5),
      -- As the case stands; the trigger below keeps it so.
      state           smallint NOT NULL,
      agency          text NOT NULL,
      filed_at        timestamptz NOT NULL,
      due_at          timestamptz,
      closed_at       timestamptz,
      updated_at      timestamptz NOT NULL,
      stage           text GENERATED ALWAYS AS
        (CASE WHEN state IN (1, 5) THEN 'new' WHEN state IN (2, 4, 6) THEN 'in-process'
              WHEN state IN (9, 10) THEN 'answered' ELSE 'ended' END) STORED,
      shown           boolean GENERATED ALWAYS AS
        (published AND merged_into IS NULL AND state NOT IN (3, 7)) STORED
    );
    CREATE INDEX incidents_by_time ON incidents (filed_at DESC, case_code DESC) WHERE shown;
    CREATE INDEX incidents_by_service ON incidents (service, filed_at DESC, case_code DESC) WHERE shown;
    CREATE INDEX incidents_by_ward ON incidents (ward, filed_at DESC, case_code DESC) WHERE shown;
    CREATE INDEX incidents_by_stage ON incidents (stage, filed_at DESC, case_code DESC) WHERE shown;
    CREATE INDEX incidents_on_map ON incidents (lat, lng) INCLUDE (cell, service, ward, stage, filed_at, case_code)
      WHERE shown;
    CREATE INDEX incidents_place ON incidents USING gist (place);

    CREATE FUNCTION follow_case() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE incidents SET state = NEW.state, agency = NEW.agency, due_at = NEW.due_at, closed_at = NEW.closed_at,
             updated_at = coalesce((SELECT at FROM case_record WHERE case_code = NEW.code
                                     ORDER BY number DESC LIMIT 1), updated_at)
       WHERE case_code = NEW.code;
      RETURN NULL;
    END $$;
    CREATE TRIGGER case_followed AFTER UPDATE OF state, agency, due_at, closed_at ON cases FOR EACH ROW
      WHEN ((OLD.state, OLD.agency, OLD.due_at, OLD.closed_at)
            IS DISTINCT FROM (NEW.state, NEW.agency, NEW.due_at, NEW.closed_at))
      EXECUTE FUNCTION follow_case();

    -- What an agency has told in public.
    CREATE TABLE incident_posts (
      case_code       text NOT NULL REFERENCES cases,
      number          integer NOT NULL,
      kind            text NOT NULL CHECK (kind IN ('interim', 'answer')),
      text            text NOT NULL,
      agency          text NOT NULL REFERENCES agencies,
      document        uuid REFERENCES documents,
      at              timestamptz NOT NULL,
      PRIMARY KEY (case_code, number)
    );

    -- Who wants to hear of a case that is not theirs.
    CREATE TABLE case_followers (
      case_code       text NOT NULL REFERENCES cases,
      sub             text NOT NULL,
      since           timestamptz NOT NULL,
      score           smallint CHECK (score BETWEEN 1 AND 5),
      rated_at        timestamptz,
      PRIMARY KEY (case_code, sub)
    );
    CREATE INDEX case_followers_of_person ON case_followers (sub, since DESC);

    -- Whoever hides their name is not found by it either.
    CREATE OR REPLACE FUNCTION describe_task() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      SELECT procedure, folded(cases.area) INTO NEW.edition, NEW.area FROM cases WHERE code = NEW.case_code;
      IF NEW.state <> 'open' OR NEW.agency IS NULL THEN
        NEW.sought := NULL;
      ELSE
        SELECT concat(' ', CASE WHEN applicant->'hideName' = 'true' THEN NULL ELSE folded(applicant->>'fullName') END,
                      ' ', lower(regexp_replace(code, '[.-]', '', 'g')),
                      ' ', replace(substring(code FROM position('-' IN code)), '-', ''))
          INTO NEW.sought FROM cases WHERE code = NEW.case_code;
      END IF;
      RETURN NEW;
    END $$;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DROP TABLE case_followers, incident_posts;
    DROP TRIGGER case_followed ON cases;
    DROP FUNCTION follow_case;
    DROP TABLE incidents, areas, services;
    ALTER TABLE tasks DROP COLUMN escalations;
  `);
}
