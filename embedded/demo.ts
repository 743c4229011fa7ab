import { join } from 'node:path';
import { required, readConfig } from '../config.ts';
import { runEmbedded } from './run.ts';
import { walkPermit } from './walk.ts';

/**
 * `npm run demo`: starts everything and takes one real permit from its application to the signed PDF, then keeps
 * running until Ctrl-C; `-- --once` ends instead. The last two lines name the case and the PDF.
 */
const once = process.argv.includes('--once');

await runEmbedded(async (config, { environment }, print) => {
  const children = readConfig(environment);
  const { code, pdf } = await walkPermit({
    publicUrl: config.publicUrl,
    treasuryUrl: required(children, 'TREASURY_URL'),
    folder: join(config.dataDir, 'results'),
    print: (line) => print(`  ${line}`),
  });
  if (!once) print('Everything keeps running until Ctrl-C.');
  print(`CASE ${code}`);
  print(`PDF ${pdf}`);
  return once ? 'stop' : 'stay';
});
