import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { historyToText, type History } from '../workflows/histories.ts';
import { inClear } from '../workflows/live-histories.ts';
import type { World } from './world.ts';

/** Reads the history of a case in clear, of its last chapter or of a run: everything that the case's key encrypts is decoded. */
export async function clearHistory(world: World, code: string, run?: string): Promise<History> {
  const { workflow, options } = world.client;
  const [codec] = options.loadedDataConverter.payloadCodecs;
  if (!codec) throw new Error('the cases of this world are not encrypted');
  return inClear(await workflow.getHandle(code, run).fetchHistory(), codec);
}

/**
 * Waits until a case, of the sample citizen unless told, is closed as told, and keeps its history under `<procedure>/<name>`; of the
 * chapters before the last one under the same name and how far they are from it.
 */
export async function recordCase(
  world: World,
  { name, code, outcome, of = 'an' }: { name: string; code: string; outcome: string; of?: string },
): Promise<History> {
  const view: { outcome: string } = await world
    .as(of)
    .until(code, ({ closedAt }: { closedAt: string | null }) => closedAt !== null);
  if (view.outcome !== outcome) throw new Error(`${code} ended as ${view.outcome}, not as ${outcome}`);
  await world.client.workflow.getHandle(code).result();
  const history = await clearHistory(world, code);
  const file = `workflows/${name.replace('/', '/histories/')}`;
  writeHistory(`${file}.json`, history);
  let chapter = history;
  for (let before = 1; ; before++) {
    const run = chapter.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!run) return history;
    chapter = await clearHistory(world, code, run);
    writeHistory(`${file}-${before}-before.json`, chapter);
  }
}

/** Writes a history where `npm run replay` finds it. */
function writeHistory(file: string, history: History): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, historyToText(history));
}

/** All texts of a history, payloads included, for looking for what must not be in it. */
export function textOf(history: History): string {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (value instanceof Uint8Array) texts.push(new TextDecoder().decode(value));
    else if (typeof value === 'string') texts.push(value);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(visit);
  };
  visit(history);
  return texts.join('\n');
}
