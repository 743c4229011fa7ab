// Node starts a thread without the loader of its parent: this file, plain JavaScript, brings TypeScript in.
import { register } from 'tsx/esm/api';

register();
const { default: render } = await import('./render-thread.ts');
export default render;
