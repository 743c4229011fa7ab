import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import pg from 'pg';
import type { Pattern } from './load.ts';
import { decided, type SketchActivities } from './sketch-messages.ts';
import type { sketch } from './sketch-workflow.ts';
import type { Stores } from './stores.ts';

const taskQueue = 'sketch';
const application = 'Đo hiệu năng. '.repeat(110);

/** Opens the bare pattern of a case: the outbox and the task row, without codec, record, policy or idempotency keys. */
export async function openSketch(stores: Stores): Promise<{ pattern: Pattern; close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString: stores.databaseUrl, max: 20 });
  await pool.query(/* sql */ `
    CREATE SCHEMA sketch;
    CREATE TABLE sketch.cases (code text PRIMARY KEY, application text, closed boolean DEFAULT false);
    CREATE TABLE sketch.tasks (code text PRIMARY KEY, open boolean DEFAULT true);
    CREATE TABLE sketch.results (code text PRIMARY KEY);
    CREATE TABLE sketch.outbox (id bigserial PRIMARY KEY, code text, start boolean, sent boolean DEFAULT false)`);
  const { namespace, connection, clientConnection } = stores;
  const workflowsPath = fileURLToPath(new URL('sketch-workflow.ts', import.meta.url));
  const silent = () => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const activities = activitiesOf(pool);
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle, activities });
  const running = worker.run();
  const stopping = new AbortController();
  const relaying = relay(pool, new Client({ connection: clientConnection, namespace }), stopping.signal);
  return {
    pattern: patternOf(pool),
    async close() {
      stopping.abort();
      await relaying;
      worker.shutdown();
      await running;
      await pool.end();
    },
  };
}

function activitiesOf(pool: pg.Pool): SketchActivities {
  return {
    ask: () => Promise.resolve(true),
    async openTask(code) {
      await pool.query('INSERT INTO sketch.tasks (code) VALUES ($1) ON CONFLICT DO NOTHING', [code]);
    },
    async writeResult(code) {
      await pool.query(
        `WITH result AS (INSERT INTO sketch.results VALUES ($1) ON CONFLICT DO NOTHING)
         UPDATE sketch.cases SET closed = true WHERE code = $1`,
        [code],
      );
    },
  };
}

function patternOf(pool: pg.Pool): Pattern {
  let last = 0;
  return {
    async file() {
      const code = `sketch-${++last}`;
      await transaction(pool, async (client) => {
        await client.query('INSERT INTO sketch.cases VALUES ($1, $2)', [code, application]);
        await client.query('INSERT INTO sketch.outbox (code, start) VALUES ($1, true)', [code]);
      });
    },
    async decide() {
      const { rows } = await pool.query<{ code: string }>(
        'SELECT code FROM sketch.tasks WHERE open LIMIT 50',
      );
      await Promise.all(
        rows.map(({ code }) =>
          transaction(pool, async (client) => {
            await client.query('UPDATE sketch.tasks SET open = false WHERE code = $1 AND open', [code]);
            await client.query('INSERT INTO sketch.outbox (code, start) VALUES ($1, false)', [code]);
          }),
        ),
      );
    },
    async closed() {
      const { rows } = await pool.query<{ closed: string }>(
        'SELECT count(*) AS closed FROM sketch.cases WHERE closed',
      );
      return Number(rows[0]?.closed);
    },
  };
}

async function transaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

interface Message {
  id: string;
  code: string;
  start: boolean;
}

async function relay(pool: pg.Pool, { workflow }: Client, stopping: AbortSignal): Promise<void> {
  const send = async ({ code, start }: Message) => {
    if (start)
      await workflow.start<typeof sketch>('sketch', {
        taskQueue,
        workflowId: code,
        args: [code, application],
      });
    else await workflow.getHandle(code).signal(decided);
  };
  while (!stopping.aborted) {
    await transaction(pool, async (client) => {
      const { rows } = await client.query<Message>(
        'SELECT id, code, start FROM sketch.outbox WHERE NOT sent ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED',
      );
      await Promise.all(rows.map(send));
      await client.query('UPDATE sketch.outbox SET sent = true WHERE id = ANY($1)', [
        rows.map(({ id }) => id),
      ]);
    });
    await sleep(20);
  }
}
