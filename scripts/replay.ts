import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { bundleWorkflows } from '../bundle.ts';
import { CasePayloadCodec, openCaseKeys } from '../codec/index.ts';
import { readConfig, required } from '../config.ts';
import { attach } from '../embedded/attach.ts';
import { openDatabase } from '../records/db.ts';
import { openObjectStore } from '../records/objects.ts';
import { historiesOf } from '../workflows/case-histories.ts';
import { readHistories, replay, replayable, summarize, type Replayed } from '../workflows/histories.ts';
import { countOpenCases, liveHistories } from '../workflows/live-histories.ts';
import { tellHistory } from '../workflows/tell-history.ts';

/**
 * `npm run replay`: rehearses a deploy. Replays the recorded histories against this code and, with `--live`, those of all
 * open cases of the server that DATA_DIR or the environment names. `--case <code>` tells the history of one case event
 * by event and replays it, from the server or, where it was deleted there, from the archive. Exit code 1 when one breaks;
 * `--json` prints the results as JSON.
 */
const asked = new Set(process.argv.slice(2));
const part = process.env['REPLAY_PART'];
const parts = availableParallelism();

try {
  const code = process.argv[process.argv.indexOf('--case') + 1];
  if (part !== undefined) await replayPart(Number(part));
  else if (asked.has('--case')) await examine(code ?? '');
  else await rehearse();
} catch (error) {
  console.error(`The rehearsal failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function rehearse(): Promise<void> {
  const results = await collect(replay(await bundle(), replayable(readHistories())));
  if (asked.has('--live')) results.push(...(await rehearseLive()));
  if (asked.has('--json')) console.log(JSON.stringify(results));
  else if (results.length === 0)
    console.log('There is nothing to replay; record some with: npm run record:history');
  else for (const line of summarize(results)) console.log(line);
  process.exit(results.some(({ problem }) => problem !== undefined) ? 1 : 0);
}

/** Tells a case's runs and replays them against this code, one after the other as they have the same id. */
async function examine(code: string): Promise<void> {
  const environment = await attach(readConfig());
  const config = readConfig(environment);
  const objects = await openObjectStore(config.OBJECT_STORE_URL ?? `${config.dataDir}/objects`);
  const runs = await historiesOf(code, { ...(await open(environment)), objects });
  if (runs.length === 0) throw new Error(`neither Temporal nor the archive has a history of "${code}"`);
  const results: Replayed[] = [];
  const story = await bundle();
  for (const run of runs) {
    console.log(`${code} · ${run.procedure} · run ${run.run}, from ${run.from}`);
    for (const line of tellHistory(run.history)) console.log(line);
    results.push(...(await collect(replay(story, [run]))));
  }
  for (const line of summarize(results)) console.log(line);
  process.exit(results.some(({ problem }) => problem !== undefined) ? 1 : 0);
}

/** Replays the open cases in as many processes as there are processors. */
async function rehearseLive(): Promise<Replayed[]> {
  const environment = await attach(readConfig());
  const { client } = await open(environment);
  const total = await countOpenCases(client);
  const began = Date.now();
  const results: Replayed[] = [];
  const tell = () => {
    const rate = Math.round(results.length / Math.max(0.001, (Date.now() - began) / 1000));
    process.stderr.write(`\r  ${results.length} of ${total} open cases replayed, ${rate} a second `);
  };
  const progress = setInterval(tell, 1_000);
  const ends = Array.from({ length: parts }, (_, index) =>
    lines({ ...environment, REPLAY_PART: String(index) }, (line) =>
      results.push(JSON.parse(line) as Replayed),
    ),
  );
  await Promise.all(ends);
  clearInterval(progress);
  tell();
  process.stderr.write('\n');
  return results;
}

/** Runs this program for a part of the cases; gives every line that it prints. */
function lines(environment: NodeJS.ProcessEnv, take: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url)], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', take);
  return new Promise((done, failed) => {
    child.on('close', (code) => (code === 0 ? done() : failed(new Error(`a part of it ended with ${code}`))));
  });
}

async function replayPart(index: number): Promise<void> {
  const { client, codec } = await open(process.env);
  const histories = liveHistories(client, codec, { part: index, of: parts });
  for await (const result of replay(await bundle(), histories)) console.log(JSON.stringify(result));
  process.exit(0);
}

async function open(environment: NodeJS.ProcessEnv) {
  const config = readConfig(environment);
  const db = openDatabase(required(config, 'DATABASE_URL'), 2);
  const codec = new CasePayloadCodec(openCaseKeys(db, required(config, 'MASTER_KEY')));
  const connection = await Connection.connect({ address: required(config, 'TEMPORAL_ADDRESS') });
  return { client: new Client({ connection, namespace: config.TEMPORAL_NAMESPACE }), codec, db };
}

function bundle(): Promise<string> {
  const quiet = () => undefined;
  Runtime.install({
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  return bundleWorkflows(undefined, undefined, 'clear');
}

async function collect(results: AsyncIterable<Replayed>): Promise<Replayed[]> {
  const all: Replayed[] = [];
  for await (const result of results) all.push(result);
  return all;
}
