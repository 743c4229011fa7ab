import { connect } from 'node:net';
import { Router, type Request, type RequestHandler } from 'express';
import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { figures } from '../records/figures.ts';
import { lastFindings } from '../records/health.ts';
import { everybody, may, type Gate } from './abilities.ts';
import type { Deps } from './deps.ts';
import { anybody, json, refused } from './schemas.ts';

const State = z.enum(['up', 'down']);
const Readiness = z
  .object({
    ready: z.boolean(),
    database: State,
    issuer: State,
    temporal: State.meta({ description: 'Only told: without Temporal people still file and decide' }),
  })
  .meta({ id: 'Readiness' });

const patience = 2_000;

export const paths: ZodOpenApiPathsObject = {
  '/healthz': {
    get: { summary: 'The process lives', security: anybody, responses: { 204: { description: 'It does' } } },
  },
  '/readyz': {
    get: {
      summary: 'The process can serve people',
      security: anybody,
      responses: { 200: json('Ready', Readiness), 503: json('Not ready', Readiness) },
    },
  },
  '/metrics': {
    get: {
      summary: 'Figures for Prometheus; from this machine, or for admins',
      responses: {
        200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } },
        default: refused,
      },
    },
  },
};

/** What a supervisor asks: is it alive, is it ready. Needs nobody to be known, so it comes before sessions. */
export function health({ db, identity, config }: Pick<Deps, 'db' | 'identity' | 'config'>): Router {
  const router = Router();

  router.get('/healthz', everybody, (_req, res) => void res.status(204).end());

  router.get('/readyz', everybody, async (_req, res) => {
    const [database, issuer, temporal] = await Promise.all([
      answers(db.raw('SELECT 1')),
      answers(identity.client()),
      answers(reach(config.TEMPORAL_ADDRESS ?? `127.0.0.1:${config.TEMPORAL_PORT}`)),
    ]);
    const ready = database === 'up' && issuer === 'up';
    res.status(ready ? 200 : 503).json(Readiness.parse({ ready, database, issuer, temporal }));
  });

  return router;
}

/** What Prometheus asks. */
export function metrics({ db, clock }: Pick<Deps, 'db' | 'clock'>, registry: Registry): Router {
  const router = Router();
  const gauges = new Map<string, Gauge>();
  const gauge = (name: string): Gauge => {
    const known =
      gauges.get(name) ?? new Gauge({ name: `motcua_${name}`, help: name, registers: [registry] });
    gauges.set(name, known);
    return known;
  };

  router.get('/metrics', fromHere, async (_req, res) => {
    const [now, reconciled] = await Promise.all([figures(db, clock.now()), lastFindings(db)]);
    for (const [name, value] of Object.entries(now)) gauge(name).set(value);
    for (const [name, value] of Object.entries(reconciled?.findings ?? {}))
      gauge(`overdue_${snake(name)}`).set(value);
    if (reconciled) gauge('reconciled_timestamp_seconds').set(reconciled.at.getTime() / 1000);
    res.type(registry.contentType).send(await registry.metrics());
  });

  return router;
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** From this machine, or for admins. */
const forAdmins = may('read', 'metrics');
const fromHere: Gate = Object.assign(
  ((req, res, next) => (isLoopback(req) ? next() : forAdmins(req, res, next))) as RequestHandler,
  { rule: `from this machine, or ${forAdmins.rule}` },
);
const isLoopback = (req: Request) => /^(::ffff:)?127\.|^::1$/.test(req.ip ?? '');

async function answers(check: PromiseLike<unknown>): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), patience);
  });
  const answered = Promise.resolve(check).then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/** Opens and closes a connection to `host:port`. */
function reach(address: string): Promise<void> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.slice(0, at),
      port: Number(address.slice(at + 1)),
      timeout: patience,
    });
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
