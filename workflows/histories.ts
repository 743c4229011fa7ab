import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { explainBreak, type Break } from './explain-break.ts';

const { History } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

/** The folder with one folder a procedure; recorded histories lie in `<procedure>/histories/*.json`. */
export const proceduresFolder = fileURLToPath(new URL('./', import.meta.url));

/** A recorded run of a case: decoded, of sample data only. */
export interface RecordedHistory {
  /** The procedure's folder and the name of the recording, for example `construction-permit/granted`. */
  name: string;
  history: History;
}

/** What replaying one history against this code gave; without `problem` the code still tells the same story. */
export interface Replayed {
  /** Name of the recording, or the case code. */
  name: string;
  /** The procedure's folder, or the id of the edition. */
  procedure: string;
  problem?: Break;
}

/** Reads every recorded history, by the name of its procedure's folder and of its file. */
export function readHistories(folder = proceduresFolder): RecordedHistory[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/\\]+[/\\]histories[/\\][^/\\]+\.json$/.test(file))
    .sort()
    .map((file) => ({
      name: file
        .replaceAll('\\', '/')
        .replace('/histories/', '/')
        .replace(/\.json$/, ''),
      history: historyFromText(readFileSync(join(folder, file), 'utf8')),
    }));
}

/** What a payload that holds JSON is written as, so that a recording can be read and reviewed. */
const inClear = '$json';
const plainJson = base64('json/plain');

interface WrittenPayload {
  metadata: { encoding: string };
  data: string;
}

/** Writes a decoded history as JSON; payloads stand in it as the values that they carry. */
export function historyToText(history: History): string {
  const message = History.toObject(History.fromObject(history), {
    enums: String,
    longs: String,
    bytes: String,
  });
  const readable = (_key: string, value: unknown) =>
    isPlain(value)
      ? { [inClear]: JSON.parse(Buffer.from(value.data, 'base64').toString()) as unknown }
      : value;
  return `${JSON.stringify(message, readable, 1)}\n`;
}

function historyFromText(text: string): History {
  const asWritten = (_key: string, value: unknown) =>
    value !== null && typeof value === 'object' && inClear in value
      ? { metadata: { encoding: plainJson }, data: base64(JSON.stringify(value[inClear])) }
      : value;
  return History.fromObject(JSON.parse(text, asWritten) as Record<string, unknown>);
}

function isPlain(value: unknown): value is WrittenPayload {
  const { metadata, data } = (value ?? {}) as Partial<WrittenPayload>;
  return typeof data === 'string' && metadata?.encoding === plainJson && Object.keys(metadata).length === 1;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A history to be replayed, with the id that its workflow has. */
export interface Replayable {
  workflowId: string;
  procedure: string;
  history: History;
}

/** Recordings as they are replayed. */
export const replayable = (histories: RecordedHistory[]): Replayable[] =>
  histories.map(({ name, history }) => ({ workflowId: name, procedure: procedureOf(name), history }));

/**
 * Replays histories against the code of a bundle, one after the other as they come.
 *
 * @param code JavaScript of the bundle, see bundle.ts
 */
export async function* replay(
  code: string,
  histories: Iterable<Replayable> | AsyncIterable<Replayable>,
): AsyncGenerator<Replayed> {
  const waiting = new Map<string, Replayable>();
  async function* taken() {
    for await (const replayed of histories) {
      waiting.set(replayed.workflowId, replayed);
      yield replayed;
    }
  }
  const options = { workflowBundle: { code }, replayName: 'rehearsal' };
  for await (const { workflowId: name, error } of Worker.runReplayHistories(options, taken())) {
    const { procedure, history } = waiting.get(name)!;
    waiting.delete(name);
    yield error ? { name, procedure, problem: explainBreak(history, error) } : { name, procedure };
  }
}

const procedureOf = (name: string) => name.split('/', 1)[0] ?? '';

/** Says for each procedure how many of its histories replay and which break, at which event and why. */
export function summarize(results: Replayed[]): string[] {
  const procedures = new Set(results.map(({ procedure }) => procedure));
  return [...procedures].sort().flatMap((procedure) => {
    const replayed = results.filter((result) => result.procedure === procedure);
    const broken = replayed.filter(({ problem }) => problem !== undefined);
    const count = `${procedure}: ${replayed.length - broken.length} of ${replayed.length} histories replay`;
    return [
      count,
      ...broken.map(
        ({ name, problem }) => `  ${name} breaks at event ${problem?.event}: ${problem?.sentence}`,
      ),
    ];
  });
}
