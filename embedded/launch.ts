import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { applyCity, hasCity } from '../records/city.ts';
import { migrate, openDatabase } from '../records/db.ts';
import { findTemporal } from './binaries.ts';
import { holdDataDir, type Hold } from './data-dir.ts';
import { commonEnvironment, expectLoopback, withStores } from './environment.ts';
import { preparePki } from './pki.ts';
import { expectFree, isFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { endOrphan, startNode } from './processes.ts';
import { sampleCity, samplePeople } from './samples.ts';
import { supervise } from './supervise.ts';
import { LaunchError, reasonOf } from './trouble.ts';
import { until } from './waiting.ts';

/** The processes that embedded mode keeps alive; a store that the operator provides is not among them. */
export type Part = 'postgres' | 'temporal' | 'city' | 'worker' | 'api';

/** The process of a part at this moment, and how often it was started again. */
export interface Running {
  pid(): number;
  restarts(): number;
}

/** A whole installation that answers. */
export interface Launched {
  /** The environment of its worker and its API, for other programs on the same stores. */
  environment: NodeJS.ProcessEnv;
  parts: Partial<Record<Part, Running>>;
  /** Stops everything in order; nothing is left running. */
  stop(): Promise<void>;
}

/** How an installation is started. */
export interface LaunchOptions {
  /** Told in one line of each step, and later of each process that died. */
  report: (line: string) => void;
  /** Gives up between two steps. */
  signal?: AbortSignal;
  /** The TypeScript files of the three programs, from the checkout's folder. */
  programs?: { city: string; worker: string; api: string };
}

const product = { city: 'embedded/city.ts', worker: 'worker.ts', api: 'api/server.ts' };
const readyPatience = 60_000;

/**
 * Starts whatever the configuration does not point to elsewhere: PostgreSQL, Temporal, the sample city; then the
 * worker and the API on top; resolves when `GET /readyz` answers 200. Whatever dies afterwards is started again.
 *
 * When it fails, everything that was started is stopped first.
 *
 * @throws LaunchError or ConfigError in one line that says what and how to fix it
 */
export async function launch(config: Config, options: LaunchOptions): Promise<Launched> {
  expectLoopback(config);
  const hold = holdDataDir(config.dataDir);
  const launch = new Launch(config, hold, options);
  try {
    return await launch.run();
  } catch (error) {
    await launch.stop();
    hold.release(false);
    throw error;
  }
}

interface Stoppable extends Running {
  stop(): Promise<void>;
}

class Launch {
  readonly #config: Config;
  readonly #hold: Hold;
  readonly #options: LaunchOptions;
  readonly #starting: Partial<Record<Part, Promise<Stoppable>>> = {};
  readonly #givingUp = new AbortController();
  readonly #born = performance.now();

  constructor(config: Config, hold: Hold, options: LaunchOptions) {
    this.#config = config;
    this.#hold = hold;
    this.#options = options;
  }

  async run(): Promise<Launched> {
    const config = this.#config;
    await this.#endOrphans();
    await expectFree('PORT', config.PORT, config.HOST);
    const common = await commonEnvironment(config);
    // One machine runs one build: whatever was current before has no worker any more.
    common.TAKE_OVER = '1';
    if (this.#hold.unclean) {
      this.#options.report('the last stop was not clean: the acts of the last ten minutes are sent again');
      common.RESEND_ACTS = '1';
    }
    const [databaseUrl, temporal] = await this.#all([
      this.#database(),
      this.#temporal(),
      this.#signingKeys().then(() => this.#program('city', common)),
    ]);
    this.#options.signal?.throwIfAborted();
    const environment = withStores(common, { databaseUrl, ...temporal });
    await Promise.all([this.#program('worker', environment), this.#program('api', environment)]);
    this.#options.signal?.throwIfAborted();
    await this.#expectReady();
    return {
      environment,
      parts: Object.fromEntries(
        await Promise.all(
          Object.entries(this.#starting).map(async ([part, running]) => [part, await running] as const),
        ),
      ),
      stop: async () => {
        await this.stop();
        this.#hold.release(true);
      },
    };
  }

  /** Waits for all; when one fails, the others are told to give up and waited for, so that nothing starts later. */
  async #all<Results extends readonly unknown[]>(branches: {
    [K in keyof Results]: Promise<Results[K]>;
  }): Promise<Results> {
    try {
      return await Promise.all(branches);
    } catch (error) {
      this.#givingUp.abort();
      await Promise.allSettled(branches);
      throw error;
    }
  }

  /** First nobody may act any more, then the work ends, then its stores. */
  async stop(): Promise<void> {
    const order: Part[][] = [['api'], ['worker', 'city'], ['temporal', 'postgres']];
    for (const parts of order) await Promise.all(parts.map((part) => this.#stopPart(part)));
  }

  async #stopPart(part: Part): Promise<void> {
    const running = await this.#starting[part]?.catch(() => undefined);
    await running?.stop();
  }

  /** What a killed supervisor left behind still holds its ports for a moment. */
  async #endOrphans(): Promise<void> {
    if (!this.#hold.unclean) return;
    const { dataDir, PORT, HOST } = this.#config;
    await Promise.all(['api', 'worker', 'city'].map((name) => endOrphan(dataDir, name)));
    await until(() => isFree(PORT, HOST).catch(() => true), 1_000);
  }

  async #start<P extends Stoppable>(part: Part, title: string, starting: Promise<P>): Promise<P> {
    this.#starting[part] = starting;
    const running = await starting;
    const seconds = ((performance.now() - this.#born) / 1000).toFixed(1);
    this.#options.report(`${title} is ready (${seconds} s)`);
    return running;
  }

  async #database(): Promise<string> {
    const { DATABASE_URL, POSTGRES_PORT, dataDir } = this.#config;
    const { report } = this.#options;
    const embedded = async () =>
      (await this.#start('postgres', 'PostgreSQL', startPostgres({ dataDir, port: POSTGRES_PORT, report })))
        .url;
    const url = DATABASE_URL ?? (await embedded());
    const db = openDatabase(url, 2);
    try {
      await migrate(db);
      // A database of the operator's own keeps the city that it has.
      if (!DATABASE_URL || !(await hasCity(db))) await applyCity(db, sampleCity(), systemClock.now());
    } catch (error) {
      throw new LaunchError(
        `The database cannot be prepared (${reasonOf(error)}); check ${DATABASE_URL ? 'DATABASE_URL' : dataDir}`,
      );
    } finally {
      await db.destroy();
    }
    return url;
  }

  async #temporal(): Promise<{ temporalAddress: string; temporalUiUrl: string | undefined }> {
    const { dataDir, publicUrl, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE: namespace } = this.#config;
    const { report } = this.#options;
    const signal = AbortSignal.any([
      this.#givingUp.signal,
      ...(this.#options.signal ? [this.#options.signal] : []),
    ]);
    // The Temporal client is slow to load; by now PostgreSQL is on its way.
    const { startTemporal, withConnection } = await import('./temporal.ts');
    if (TEMPORAL_ADDRESS) {
      const { prepareNamespace } = await import('./namespace.ts');
      await withConnection(TEMPORAL_ADDRESS, (connection) => prepareNamespace(connection, namespace)).catch(
        (error: unknown) => {
          if (error instanceof LaunchError) throw error;
          throw new LaunchError(
            `TEMPORAL_ADDRESS ${TEMPORAL_ADDRESS} does not answer (${reasonOf(error)}); check it`,
          );
        },
      );
      return { temporalAddress: TEMPORAL_ADDRESS, temporalUiUrl: this.#config.TEMPORAL_UI_URL };
    }
    const starting = findTemporal({ report, signal }).then((binary) => {
      signal.throwIfAborted();
      report(`Temporal server: ${binary.from}`);
      const ports = { port: this.#config.TEMPORAL_PORT, uiPort: this.#config.TEMPORAL_UI_PORT };
      return startTemporal({ dataDir, publicUrl, namespace, binary, report, ...ports });
    });
    const { address, uiUrl } = await this.#start('temporal', 'Temporal', starting);
    return { temporalAddress: address, temporalUiUrl: uiUrl };
  }

  async #program(name: 'city' | 'worker' | 'api', environment: NodeJS.ProcessEnv): Promise<void> {
    const { report, programs = product } = this.#options;
    const titles = { city: 'The sample city', worker: 'The worker', api: 'The API' };
    const life = () => startNode({ name, file: programs[name], environment, dataDir: this.#config.dataDir });
    const starting = supervise(titles[name], life, report).then((supervised) => ({
      pid: () => supervised.life().pid,
      restarts: () => supervised.restarts(),
      stop: () => supervised.stop(),
    }));
    await this.#start(name, titles[name], starting);
  }

  /** The development certificates of sample officers and agencies; an operator's own keys are left alone. */
  async #signingKeys(): Promise<void> {
    if (this.#config.SIGNING_KEYS) return;
    const { agencies } = sampleCity();
    const nameOf = new Map(agencies.map(({ code, name }) => [code, name.vi]));
    const officers = samplePeople().people.flatMap(({ sub, name, title, agency }) => {
      const agencyName = agency && nameOf.get(agency);
      return agencyName ? [{ sub, name, agencyName, ...(title ? { title } : {}) }] : [];
    });
    await preparePki({
      folder: join(this.#config.dataDir, 'pki'),
      people: officers,
      agencies: agencies.map(({ code, name }) => ({ code, name: name.vi })),
      clock: systemClock,
      url: `${this.#config.publicUrl}/dev-pki`,
    });
  }

  async #expectReady(): Promise<void> {
    const { HOST, PORT } = this.#config;
    const host =
      HOST === '0.0.0.0' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST === '::' ? '::1' : HOST}]` : HOST;
    let last = 'no answer';
    const ready = await until(async () => {
      this.#options.signal?.throwIfAborted();
      const answer = await fetch(`http://${host}:${PORT}/readyz`, {
        signal: AbortSignal.timeout(5_000),
      }).catch(() => undefined);
      if (answer && !answer.ok) last = (await answer.text()).slice(0, 300);
      return answer?.ok;
    }, readyPatience);
    if (!ready) {
      throw new LaunchError(
        `The API does not become ready (${last}); its log is ${this.#config.dataDir}/logs/api.log`,
      );
    }
  }
}
