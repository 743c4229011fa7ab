import type { Knex } from 'knex';

/** Campaigns: applications that are decided together, in rounds, over a limited number of places. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE campaigns (
      -- The case in which its agency plans and leads it.
      code            text PRIMARY KEY REFERENCES cases,
      -- Whose applications take part.
      procedure_code  text NOT NULL,
      announced_at    timestamptz,
      -- From when on whoever waits is told that there will be no place.
      closing_at      timestamptz,
      ended_at        timestamptz,
      -- When its workflow was last told that there is something to do.
      stirred_at      timestamptz
    );
    CREATE INDEX campaigns_running ON campaigns (code) WHERE announced_at IS NOT NULL AND ended_at IS NULL;

    -- What a campaign has places of, a school for example; most is how many there may ever be.
    CREATE TABLE campaign_offers (
      campaign        text NOT NULL REFERENCES campaigns,
      code            text NOT NULL,
      details         jsonb NOT NULL,
      planned         integer NOT NULL CHECK (planned >= 0),
      most            integer NOT NULL CHECK (most >= planned),
      PRIMARY KEY (campaign, code),
      UNIQUE (campaign, code, most)
    );

    CREATE TABLE campaign_rounds (
      campaign        text NOT NULL REFERENCES campaigns,
      number          smallint NOT NULL CHECK (number > 0),
      filing_window   uuid NOT NULL UNIQUE REFERENCES filing_windows,
      -- Until when applications are checked, places are confirmed and given on, appeals are taken.
      checked_by      timestamptz NOT NULL,
      confirm_by      timestamptz NOT NULL,
      appeal_by       timestamptz NOT NULL,
      given_on_until  timestamptz NOT NULL,
      -- What the lottery is drawn with. Its digest is public from the announcement on, the seed itself with the results.
      seed            bytea NOT NULL,
      commitment      text NOT NULL,
      published_at    timestamptz,
      -- The allocation that was published.
      allocation      integer,
      PRIMARY KEY (campaign, number)
    );

    CREATE TABLE campaign_members (
      case_code       text PRIMARY KEY REFERENCES cases,
      campaign        text NOT NULL,
      round           smallint NOT NULL,
      -- Under which results and inputs are published: drawn when the application was filed, and told to nobody else.
      pseudonym       text NOT NULL UNIQUE,
      -- Digest of whom the application is for: a campaign takes one for each. Whoever leaves it leaves room for another one.
      about           text,
      -- The latest of its inputs, and the allocation for which that was looked at.
      input           integer,
      looked_at_for   text,
      FOREIGN KEY (campaign, round) REFERENCES campaign_rounds
    );
    CREATE UNIQUE INDEX members_about ON campaign_members (campaign, about) WHERE about IS NOT NULL;
    CREATE INDEX members_of_round ON campaign_members (campaign, round, case_code);

    -- What an allocation knew of a member; kept as it was, though the application may change for a later round.
    CREATE TABLE member_inputs (
      case_code       text NOT NULL REFERENCES campaign_members,
      number          integer NOT NULL,
      input           jsonb NOT NULL,
      PRIMARY KEY (case_code, number)
    );

    -- Every place is a row: none can be given twice, nobody can have two, and there are never more than an offer may have.
    CREATE TABLE places (
      campaign        text NOT NULL,
      offer           text NOT NULL,
      number          integer NOT NULL CHECK (number > 0),
      most            integer NOT NULL CHECK (number <= most),
      case_code       text UNIQUE REFERENCES campaign_members,
      given_at        timestamptz,
      confirmed_at    timestamptz,
      -- It was given back and has not been given on yet.
      freed           boolean NOT NULL DEFAULT false,
      PRIMARY KEY (campaign, offer, number),
      FOREIGN KEY (campaign, offer, most) REFERENCES campaign_offers (campaign, code, most),
      CHECK ((case_code IS NULL) = (given_at IS NULL)),
      CHECK (confirmed_at IS NULL OR case_code IS NOT NULL),
      CHECK (NOT freed OR case_code IS NULL)
    );
    CREATE INDEX places_freed ON places (campaign) WHERE freed;

    CREATE TABLE allocations (
      campaign        text NOT NULL,
      number          integer NOT NULL,
      round           smallint NOT NULL,
      -- Its business key: of a round, made anew when it was sent back; or a number of those that give free places on.
      key             text NOT NULL,
      at              timestamptz NOT NULL,
      -- Free places by offer.
      free            jsonb NOT NULL,
      -- Who took part: case and number of the input.
      members         jsonb NOT NULL,
      counts          jsonb NOT NULL,
      PRIMARY KEY (campaign, number),
      UNIQUE (campaign, key),
      FOREIGN KEY (campaign, round) REFERENCES campaign_rounds
    );

    CREATE TABLE placements (
      campaign        text NOT NULL,
      allocation      integer NOT NULL,
      case_code       text NOT NULL REFERENCES campaign_members,
      -- null: no place.
      offer           text,
      -- In the order of the offer.
      rank            integer NOT NULL,
      why             jsonb NOT NULL,
      -- Whether it holds: one that was sent back never does, and one holds from its publication on.
      published       boolean NOT NULL DEFAULT false,
      told_at         timestamptz,
      PRIMARY KEY (campaign, allocation, case_code),
      FOREIGN KEY (campaign, allocation) REFERENCES allocations
    );
    CREATE INDEX placements_of_case ON placements (case_code, allocation DESC) WHERE published;
    CREATE INDEX placements_untold ON placements (campaign, case_code) WHERE published AND told_at IS NULL;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DROP TABLE placements, allocations, places, member_inputs, campaign_members, campaign_rounds, campaign_offers,
      campaigns;
  `);
}
