import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import type { Logger } from '../log.ts';

/** Name under which every worker of Motcua registers its build. */
export const deploymentName = 'motcua';

const everyMs = 5_000;
const untilRegisteredMs = 250;
const callMs = 10_000;
/** gRPC status codes NOT_FOUND and FAILED_PRECONDITION: no worker of the deployment or of this build has asked for work yet. */
const notRegistered = [5, 9];

/** Names a build by the code that its cases run: sixteen hexadecimal digits of the bundle's SHA-256. */
export async function buildIdOf(bundle: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(bundle))
    .digest('hex')
    .slice(0, 16);
}

/** How a worker registers: open cases move on to a new build, unless their procedure says that it is pinned. */
export function versionedAs(buildId: string): WorkerDeploymentOptions {
  return {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  };
}

/** What a {@link Deployment} works with. */
export interface DeploymentDependencies {
  connection: Connection;
  namespace: string;
  buildId: string;
  /** Whether this build replaces the current one when its worker starts; otherwise an operator decides when. */
  takesOver: boolean;
  log: Logger;
}

/**
 * Sees to it that cases have a build to run on: this one becomes current when it is to take over, and whenever no build is
 * current, as in a new namespace or in a Temporal that has lost its store.
 */
export class Deployment {
  readonly #deps: DeploymentDependencies;
  #pending: boolean;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #looking: Promise<void> | undefined;

  constructor(deps: DeploymentDependencies) {
    this.#deps = deps;
    this.#pending = deps.takesOver;
  }

  /** Starts looking, at once and then every five seconds. */
  start(): void {
    this.#looking = this.#look();
  }

  /** Ends after the look that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { log, buildId } = this.#deps;
    let next = everyMs;
    try {
      const current = await this.#current();
      if (current !== buildId && (this.#pending || current === undefined)) {
        await this.#becomeCurrent();
        log.info({ buildId, before: current ?? null }, 'this build is current: cases run on it');
      }
      this.#pending = false;
    } catch (error) {
      if (isGrpcServiceError(error) && notRegistered.includes(Number(error.code))) next = untilRegisteredMs;
      else
        log.warn(
          { reason: error instanceof Error ? error.message : String(error) },
          'the current build is not known',
        );
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.start(), next);
  }

  /** Build id of the current version; undefined when there is none. */
  async #current(): Promise<string | undefined> {
    const { connection, namespace } = this.#deps;
    const { workerDeploymentInfo } = await connection.withDeadline(Date.now() + callMs, () =>
      connection.workflowService.describeWorkerDeployment({ namespace, deploymentName }),
    );
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
  }

  async #becomeCurrent(): Promise<void> {
    const { connection, namespace, buildId } = this.#deps;
    await connection.withDeadline(Date.now() + callMs, () =>
      connection.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName,
        buildId,
        identity: 'motcua-worker',
        // A task queue of the old build that this one does not serve is no reason to keep cases waiting.
        ignoreMissingTaskQueues: true,
      }),
    );
  }
}
