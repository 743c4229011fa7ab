/**
 * How a long-running process of Motcua tells whoever started it that it works, and how it ends.
 *
 * Nothing here knows the supervisor: without an IPC channel (systemd, a container) `ready` says nothing
 * and the process ends by signals alone.
 */

const patience = 10_000;

/** Tells the parent process, when there is one on the IPC channel, that this process now answers; `facts` must survive JSON. */
export function ready(facts: Record<string, unknown> = {}): void {
  process.send?.({ ...facts, type: 'ready' });
}

/**
 * Runs `stop` once, when the process is asked to end (SIGTERM, SIGINT, or its parent is gone), then exits.
 *
 * The exit code is 0; it is 1 when `stop` throws or has not ended after 10 seconds.
 */
export function onStop(stop: () => Promise<void> | void): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), patience).unref();
    Promise.resolve()
      .then(stop)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', end);
}
