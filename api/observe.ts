import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import { Histogram, type Registry } from 'prom-client';
import type { Logger } from '../log.ts';
import { routeOf } from './errors.ts';

/** Logs each request by method, pattern of its route, status and time; never the address, a header or a body. */
export function logRequests(log: Logger): RequestHandler {
  const route = (req: IncomingMessage) => routeOf(req as Request);
  return pinoHttp({
    logger: log,
    quietReqLogger: true,
    autoLogging: { ignore: (req) => req.url === '/healthz' || req.url === '/readyz' },
    serializers: { req: () => undefined, res: () => undefined, err: () => undefined },
    customAttributeKeys: { responseTime: 'ms' },
    // Asked for at the start too, when the route is not known yet.
    customProps: (req, res) =>
      res.headersSent ? { method: req.method, route: route(req), status: res.statusCode } : {},
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'warn' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
  });
}

/** Measures each request into a registry, in seconds by method, route and status. */
export function measureRequests(registry: Registry): RequestHandler {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return (req, res, next) => {
    const stop = durations.startTimer();
    res.on('finish', () => {
      // A stream of news lasts as long as somebody looks.
      if (res.getHeader('content-type') === 'text/event-stream') return;
      stop({ method: req.method, route: routeOf(req), status: res.statusCode });
    });
    next();
  };
}
