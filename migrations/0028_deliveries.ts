import type { Knex } from 'knex';

/** How notices reach people outside the pages, and who has read them there. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    ALTER TABLE notices
      -- Which edition of its texts it was made of.
      ADD COLUMN template text,
      -- When it was settled whom it is delivered to; what was told before there were deliveries stays undelivered.
      ADD COLUMN planned_at timestamptz;
    UPDATE notices SET planned_at = at;
    CREATE INDEX notices_unplanned ON notices (at) WHERE planned_at IS NULL;
    CREATE INDEX notices_by_recipient ON notices (recipient_sub, at DESC);

    CREATE TABLE notice_reads (
      sub             text NOT NULL,
      case_code       text NOT NULL,
      notice          text NOT NULL,
      number          integer NOT NULL,
      at              timestamptz NOT NULL,
      PRIMARY KEY (sub, case_code, notice, number),
      FOREIGN KEY (case_code, notice, number) REFERENCES notices ON DELETE CASCADE
    );

    -- How a person can be reached: what the identity provider vouched for, and what they chose themselves.
    CREATE TABLE contacts (
      sub             text PRIMARY KEY,
      personal_number text,
      email           text,
      phone           text,
      language        text CHECK (language IN ('vi', 'en')),
      by_email        boolean,
      by_sms          boolean
    );
    CREATE INDEX contacts_by_number ON contacts (personal_number);

    -- No address stands here: it is looked up when the message leaves.
    CREATE TABLE deliveries (
      id              uuid PRIMARY KEY,
      case_code       text NOT NULL,
      notice          text NOT NULL,
      number          integer NOT NULL,
      to_sub          text NOT NULL,
      channel         text NOT NULL CHECK (channel IN ('email', 'sms')),
      state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
      attempts        integer NOT NULL DEFAULT 0,
      -- Why the last attempt failed, in words without anybody's data.
      failure         text,
      -- The provider's name for the message.
      reference       text,
      made_at         timestamptz NOT NULL,
      due_at          timestamptz NOT NULL,
      ended_at        timestamptz,
      UNIQUE (case_code, notice, number, to_sub, channel),
      FOREIGN KEY (case_code, notice, number) REFERENCES notices ON DELETE CASCADE
    );
    CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'queued';
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DROP TABLE deliveries, contacts, notice_reads;
    ALTER TABLE notices DROP COLUMN planned_at, DROP COLUMN template;
  `);
}
