import type { Knex } from 'knex';

/** Browsers to which notices are pushed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    CREATE TABLE push_subscriptions (
      id              uuid PRIMARY KEY,
      sub             text NOT NULL,
      -- One browser is one person's: whoever subscribes in it last.
      endpoint        text NOT NULL UNIQUE,
      p256dh          text NOT NULL,
      auth            text NOT NULL,
      -- Which browser on which system, as the subscription noted it.
      browser         jsonb NOT NULL,
      made_at         timestamptz NOT NULL
    );
    CREATE INDEX push_subscriptions_of ON push_subscriptions (sub);

    ALTER TABLE deliveries
      DROP CONSTRAINT deliveries_channel_check,
      ADD CONSTRAINT deliveries_channel_check CHECK (channel IN ('email', 'sms', 'push'));
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(/* sql */ `
    DELETE FROM deliveries WHERE channel = 'push';
    ALTER TABLE deliveries
      DROP CONSTRAINT deliveries_channel_check,
      ADD CONSTRAINT deliveries_channel_check CHECK (channel IN ('email', 'sms'));
    DROP TABLE push_subscriptions;
  `);
}
