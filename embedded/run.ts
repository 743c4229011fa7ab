import { ConfigError, readConfig, type Config } from '../config.ts';
import { launch, type Launched } from './launch.ts';
import { LaunchError, reasonOf } from './trouble.ts';

/** What a command does once everything runs; resolving to `'stop'` ends the command, anything else keeps it running. */
export type Then = (
  config: Config,
  launched: Launched,
  print: (line: string) => void,
) => Promise<'stop' | 'stay'>;

const print = (line: string) => console.log(line);

/**
 * A command of embedded mode: starts everything, prints the addresses, does its own work, and stays until Ctrl-C,
 * SIGTERM or SIGHUP, which stop everything in order. Then the process exits: 0, or 1 after one line on stderr.
 */
export async function runEmbedded(then?: Then): Promise<never> {
  process.umask(0o077); // what lies in DATA_DIR is nobody else's business
  const asked = new AbortController();
  const ended = new Promise<'stop'>((resolve) => {
    const end = () => {
      asked.abort();
      resolve('stop');
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);
    // npm passes SIGTERM to the shell between it and us, which dies of it and tells nobody.
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end(), 500).unref();
  });
  let launched: Launched | undefined;
  try {
    const config = readConfig();
    launched = await launch(config, { report: (line) => print(`  ${line}`), signal: asked.signal });
    printAddresses(config);
    const work = then?.(config, launched, print);
    const next = await Promise.race([ended, work ?? ended]);
    if (next === 'stay') await ended;
    await launched.stop();
    process.exit(0);
  } catch (error) {
    await launched?.stop().catch(() => undefined);
    if (asked.signal.aborted) process.exit(0);
    console.error(oneLine(error));
    process.exit(1);
  }
}

function printAddresses({ publicUrl, dataDir, OIDC_ISSUER }: Config): void {
  print('');
  print(`Motcua          ${publicUrl}/`);
  print(`API             ${publicUrl}/docs`);
  print(`Temporal        ${publicUrl}/temporal (sign in as an admin)`);
  if (!OIDC_ISSUER) print(`A bearer token  curl -s ${publicUrl}/dev-idp/token/vungtau.reception`);
  print(`Data and logs   ${dataDir}`);
  print('');
}

/** What the operator reads; the stack of a mistake in the code is shown, a mistake in the surroundings needs none. */
function oneLine(error: unknown): string {
  if (error instanceof ConfigError || error instanceof LaunchError)
    return error.message.replaceAll('\n', ' ');
  if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) return error.stack ?? error.message;
  return `${reasonOf(error)} (LOG_LEVEL=debug shows where)`;
}
