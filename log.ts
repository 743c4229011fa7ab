import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * Makes the process's logger: JSON lines on stderr, never bodies, names, tokens or personal numbers.
 *
 * @param name the process, for example `api` or `worker`
 */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      redact: { paths: ['*.authorization', '*.cookie', 'req.headers', 'res.headers'], remove: true },
    },
    pino.destination(2),
  );
}
