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

/** What a message of the Temporal SDK may carry into the log: never the text of an error, which may quote a person. */
const told = ['workflowId', 'workflowType', 'activityType', 'attempt', 'taskQueue', 'namespace'];

/** Passes the Temporal SDK's messages on to a logger, without what they may quote. */
export function temporalLogger(log: Logger) {
  const pass = (level: string, message: string, meta: Record<string, unknown> = {}) => {
    const facts = Object.fromEntries(Object.entries(meta).filter(([name]) => told.includes(name)));
    if (level === 'ERROR') log.error(facts, message);
    else if (level === 'WARN') log.warn(facts, message);
    else log.debug(facts, message);
  };
  const at = (level: string) => (message: string, meta?: Record<string, unknown>) =>
    pass(level, message, meta);
  return {
    log: pass,
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
  };
}
