import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { archivedRuns } from '../records/archive.ts';
import type { Database } from '../records/db.ts';
import type { ObjectStore } from '../records/objects.ts';
import type { History, Replayable } from './histories.ts';
import { inClear } from './live-histories.ts';

const { History: HistoryMessage } = proto.temporal.api.history.v1;

/** Where a case's histories are looked for. */
export interface Sources {
  client: Client;
  db: Database;
  objects: Pick<ObjectStore, 'read'>;
  codec: PayloadCodec;
}

/** A run of a case in clear, and where it was found. */
export type FoundRun = Replayable & { run: string; from: 'Temporal' | 'archive' };

/** Finds every run of a case, in their order: on the server and, what it has deleted, in the archive. */
export async function historiesOf(
  code: string,
  { client, db, objects, codec }: Sources,
): Promise<FoundRun[]> {
  const found = new Map<string, FoundRun & { startedAt: Date }>();
  for (const { run, procedure, sha256, startedAt } of await archivedRuns(db, code)) {
    const history: History = HistoryMessage.decode(await promisify(gunzip)(await objects.read(sha256)));
    found.set(run, { workflowId: code, procedure, run, history, startedAt, from: 'archive' });
  }
  const query = `WorkflowId = "${code}"`;
  for await (const { runId: run, type: procedure, startTime } of client.workflow.list({ query })) {
    const history = await fetched(client, code, run);
    if (history)
      found.set(run, { workflowId: code, procedure, run, history, startedAt: startTime, from: 'Temporal' });
  }
  const runs = [...found.values()].sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  for (const { history } of runs) await inClear(history, codec);
  return runs;
}

/** A run may be listed a while after it was deleted. */
async function fetched(client: Client, code: string, run: string): Promise<History | undefined> {
  try {
    return await client.workflow.getHandle(code, run).fetchHistory();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
