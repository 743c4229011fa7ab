import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findTemporal, type Found } from './binaries.ts';
import { startTemporal, withConnection, type TemporalServer } from './temporal.ts';
import { until } from './waiting.ts';

let folder: string;
let binary: Found;
const running: TemporalServer[] = [];

async function start(ports: { port?: number; uiPort?: number } = {}): Promise<TemporalServer> {
  const options = { publicUrl: 'http://127.0.0.1:8080', namespace: 'default', binary, port: 0, uiPort: 0 };
  const server = await startTemporal({ ...options, dataDir: folder, ...ports });
  running.push(server);
  return server;
}

const ask = <T>(server: TemporalServer, question: (connection: Connection) => Promise<T>) =>
  withConnection(server.address, question);

beforeAll(async () => {
  binary = await findTemporal();
}, 300_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motcua-test-'));
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('an embedded Temporal', { timeout: 90_000 }, () => {
  it('says in one line that its port is taken by another program', async () => {
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { port: number };
    await expect(start({ uiPort: port })).rejects.toThrow(
      `TEMPORAL_UI_PORT ${port} is taken by another program`,
    );
    stranger.close();
  });

  it('keeps closed cases for a year, searchable by case, agency and due date, with its UI under /temporal', async () => {
    const server = await start();
    const { config } = await ask(server, ({ workflowService }) =>
      workflowService.describeNamespace({ namespace: 'default' }),
    );
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(8760 * 3600);
    const { customAttributes } = await ask(server, ({ operatorService }) =>
      operatorService.listSearchAttributes({ namespace: 'default' }),
    );
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(['ProcedureCode', 'CaseCode', 'Agency', 'CaseState', 'DueDate']),
    );
    const page = await fetch(`${server.uiUrl}/temporal`);
    expect(page.status).toBe(200);
    const settings = await (await fetch(`${server.uiUrl}/temporal/api/v1/settings`)).json();
    expect(settings).toMatchObject({ Codec: { Endpoint: 'http://127.0.0.1:8080/codec' } });
  });

  it('has its cases again after kill -9, and is not started twice on one store', async () => {
    const server = await start();
    await ask(server, (connection) =>
      new Client({ connection }).workflow.start('aCase', {
        taskQueue: 'nobody-listens',
        workflowId: 'H29.16-261122-0001',
        typedSearchAttributes: [
          { key: defineSearchAttributeKey('Agency', 'KEYWORD'), value: 'H29.16' },
          { key: defineSearchAttributeKey('DueDate', 'DATETIME'), value: new Date('2026-12-01T10:00:00Z') },
        ],
      }),
    );
    process.kill(server.pid(), 'SIGKILL');
    expect(await until(() => server.restarts() === 1, 60_000)).toBe(true);
    const found = await ask(server, async (connection) => {
      const cases: string[] = [];
      for await (const run of new Client({ connection }).workflow.list({ query: `Agency = 'H29.16'` }))
        cases.push(run.workflowId);
      return cases;
    });
    expect(found).toEqual(['H29.16-261122-0001']);

    const again = await start({
      port: Number(server.address.split(':')[1]),
      uiPort: Number(new URL(server.uiUrl).port),
    });
    expect(again.pid()).toBe(server.pid());
  });
});
