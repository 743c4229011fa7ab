import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import type { Renderer } from './render.ts';
import { versionOfTemplate } from './versions.ts';

/**
 * Opens a renderer whose work is done by other threads: laying a document out takes a processor for 20 ms, in which nobody
 * else would be answered. One processor is left for everything else. A thread starts when it is first needed.
 */
export function openRenderPool(templatesFolder: string): Renderer & { close(): Promise<void> } {
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('./render-thread.mjs', import.meta.url)),
    workerData: templatesFolder,
    minThreads: 0,
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 10 * 60_000,
  });
  return {
    versionOf: versionOfTemplate(templatesFolder),
    render: (request) => pool.run(request) as Promise<Uint8Array>,
    close: () => pool.destroy(),
  };
}
