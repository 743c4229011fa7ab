import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../records/db.ts';

/** A database of one test file. */
export interface TestDatabase {
  db: Database;
  url: string;
  drop(): Promise<void>;
}

/** Copies the migrated template, sample city included, for one test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(template);
  url.pathname = `/${name}`;
  const maintenance = new URL(template);
  maintenance.pathname = '/postgres';
  const run = async (sql: string) => {
    const admin = openDatabase(maintenance.href, 1);
    try {
      await admin.raw(sql);
    } finally {
      await admin.destroy();
    }
  };
  await run(`CREATE DATABASE ${name} TEMPLATE template_motcua STRATEGY file_copy`);
  const db = openDatabase(url.href, 10);
  return {
    db,
    url: url.href,
    async drop() {
      await db.destroy();
      await run(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
