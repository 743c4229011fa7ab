import { Runtime } from '@temporalio/worker';
import { bundleWorkflows } from '../bundle.ts';
import { proceduresFolder, readHistories, replay, summarize } from './histories.ts';

/** `npm run replay`: replays every recorded history against this code; exit code 1 when one breaks. */
const histories = readHistories();
if (histories.length === 0) {
  console.log(`No histories to replay: ${proceduresFolder}<procedure>/histories/*.json is empty.`);
  console.log('Record some with: npm run record:history');
} else {
  const quiet = () => undefined;
  Runtime.install({
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  const results = await replay(await bundleWorkflows(undefined, undefined, 'clear'), histories);
  for (const line of summarize(results)) console.log(line);
  if (results.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
}
