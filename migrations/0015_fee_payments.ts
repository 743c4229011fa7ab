import type { Knex } from 'knex';

/** Fees that were paid, and whether their money has reached the budget. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    CREATE TABLE fee_payments (
      case_code       text NOT NULL REFERENCES cases,
      number          integer NOT NULL,
      -- The agency that had the case then, and owes the money to the budget.
      agency          text NOT NULL REFERENCES agencies,
      amount          integer NOT NULL CHECK (amount > 0),
      receipt         text NOT NULL,
      paid_at         timestamptz NOT NULL,
      remit_by        timestamptz NOT NULL,
      remitted_at     timestamptz,
      -- The order by which the treasury took it.
      transfer_order  text,
      late_told_at    timestamptz,
      PRIMARY KEY (case_code, number),
      CHECK ((remitted_at IS NULL) = (transfer_order IS NULL))
    );
    CREATE INDEX fee_payments_owed ON fee_payments (agency, remit_by) WHERE remitted_at IS NULL;
    CREATE INDEX fee_payments_untold ON fee_payments (remit_by) WHERE remitted_at IS NULL AND late_told_at IS NULL;
  `);
}

/** Only for development: a released schema goes forward. */
export async function down(db: Knex): Promise<void> {
  await db.raw('DROP TABLE fee_payments');
}
