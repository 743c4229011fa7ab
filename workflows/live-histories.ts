import type { Client } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { History } from './histories.ts';

/** A history of the live server: the run of an open case, in clear. */
export interface LiveHistory {
  /** The case code. */
  workflowId: string;
  /** Id of the edition. */
  procedure: string;
  history: History;
}

const fetchedAhead = 8;

/** Counts the cases that Temporal runs. */
export async function countOpenCases(client: Client): Promise<number> {
  return (await client.workflow.count(openCases)).count;
}

const openCases = 'ExecutionStatus = "Running" AND CaseCode IS NOT NULL';

/**
 * Fetches the history of every open case from the server, some ahead of the one that is asked for, so that memory stays
 * small however many there are.
 *
 * @param share which part of the cases, of how many, for replaying in several processes
 */
export async function* liveHistories(
  client: Client,
  codec: PayloadCodec,
  share: { part: number; of: number },
): AsyncGenerator<LiveHistory> {
  const ahead: Promise<LiveHistory>[] = [];
  for await (const { workflowId, type } of client.workflow.list({ query: openCases })) {
    if (partOf(workflowId, share.of) !== share.part) continue;
    ahead.push(fetchClear(client, codec, workflowId, type));
    if (ahead.length >= fetchedAhead) yield await ahead.shift()!;
  }
  for (const fetching of ahead) yield await fetching;
}

function partOf(code: string, parts: number): number {
  let sum = 0;
  for (const character of code) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
  return sum % parts;
}

async function fetchClear(
  client: Client,
  codec: PayloadCodec,
  workflowId: string,
  procedure: string,
): Promise<LiveHistory> {
  const history: History = await client.workflow.getHandle(workflowId).fetchHistory();
  return { workflowId, procedure, history: await inClear(history, codec) };
}

/** Decrypts every payload of a history, in place. */
export async function inClear(history: History, codec: PayloadCodec): Promise<History> {
  const payloads = payloadsIn(history);
  const clear = await codec.decode(payloads);
  for (const [index, payload] of payloads.entries()) Object.assign(payload, clear[index]);
  return history;
}

/** Every payload within a message of the protocol. */
function payloadsIn(message: unknown): Payload[] {
  if (message === null || typeof message !== 'object' || message instanceof Uint8Array) return [];
  if ('metadata' in message && 'data' in message) return [message as Payload];
  return Object.values(message).flatMap(payloadsIn);
}
