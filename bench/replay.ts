import { Runtime } from '@temporalio/worker';
import { bundleWorkflows } from '../bundle.ts';
import { readHistories, replay, replayable, type Replayable } from '../workflows/histories.ts';
import { round, type Figures } from './figures.ts';

const copies = 1_000;

/** How fast a rehearsal replays histories in one process: the recorded permits, again and again. */
export async function replaying(): Promise<Figures> {
  const quiet = () => undefined;
  Runtime.install({
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  const code = await bundleWorkflows(undefined, undefined, 'clear');
  const recorded = replayable(readHistories());
  const [began, cpu] = [Date.now(), process.cpuUsage()];
  let broken = 0;
  for await (const { problem } of replay(code, repeated(recorded))) if (problem) broken++;
  const { user, system } = process.cpuUsage(cpu);
  return {
    histories: copies,
    broken,
    historiesPerSecond: round((copies / (Date.now() - began)) * 1000),
    cpuMsPerHistory: round((user + system) / 1000 / copies),
  };
}

function* repeated(recorded: Replayable[]): Generator<Replayable> {
  for (let copy = 0; copy < copies; copy++) {
    const history = recorded[copy % recorded.length]!;
    yield { ...history, workflowId: `${history.workflowId}/${copy}` };
  }
}
