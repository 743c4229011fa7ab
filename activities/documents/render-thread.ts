import { workerData } from 'node:worker_threads';
import { createRenderer, type DocumentRequest } from './render.ts';

/** What Tinypool gives a thread: its own data first, ours second. */
const [, templatesFolder] = workerData as [unknown, string];

const renderer = createRenderer(templatesFolder);

/** Renders in a thread of {@link openRenderPool}. */
export default function render(request: DocumentRequest): Promise<Uint8Array> {
  return renderer.render(request);
}
