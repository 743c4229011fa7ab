import { runEmbedded } from './run.ts';

/** `npm start`: the whole product on this machine, with sample people and agencies, until Ctrl-C. */
await runEmbedded();
