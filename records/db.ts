import knex, { type Knex } from 'knex';
import pg from 'pg';
import { migrations } from '../migrations/index.ts';
import { prepareStatements } from './prepared.ts';

export type Database = Knex;
/** A running transaction; every act takes one so that its row, record and outbox message commit together. */
export type Transaction = Knex.Transaction;

// Sequence numbers and byte counts fit a JavaScript number; timestamps stay instants.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
// Days stay as they are written; a Date would move them to the time zone of the process.
pg.types.setTypeParser(pg.types.builtins.DATE, String);

/**
 * Opens the pool of connections to PostgreSQL.
 *
 * @param url a `postgres://` address
 * @param size most connections at once
 */
export function openDatabase(url: string, size = 10): Database {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      connectionTimeoutMillis: 5_000,
      query_timeout: 30_000,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 30_000,
    },
    pool: {
      min: 0,
      max: size,
      afterCreate: (connection: pg.Client, done: (error: Error | null, connection: pg.Client) => void) => {
        // A connection that dies while it is checked out emits 'error'; unheard, it would end the process.
        connection.on('error', () => undefined);
        prepareStatements(connection);
        done(null, connection);
      },
    },
    acquireConnectionTimeout: 10_000,
    // Knex prints lost connections with their stack; the errors themselves reach whoever asked.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
}

/** Brings the schema to this code's version; safe to call from several processes at once. */
export async function migrate(db: Database): Promise<void> {
  await db.migrate.latest({ migrationSource: migrations });
}
