import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { Problem, type Act } from './act.ts';
import type { Control } from './control.ts';
import { openJournal } from './journal.ts';
import { describe } from './openapi.ts';

export interface DeskOptions<C extends Control> {
  /** Name of the agency's file and of its API. */
  name: string;
  title: string;
  control: z.ZodType<C>;
  /** Folder where seen keys survive a restart; without it they are kept in memory, the last 10000. */
  folder?: string | undefined;
}

export interface Desk<C extends Control> {
  app: express.Express;
  control(): C;
  takes<Question, Answer>(act: Act<Question, Answer>): void;
}

interface SeenKey {
  key: string;
  question: string;
  answer: unknown;
}

const memory = 10_000;
const body = express.json({ limit: '256kb' });
/** The sandbox may be told of thousands of people. */
const orders = express.json({ limit: '8mb' });

/**
 * Makes the part that all sample agencies share: validation, idempotency, misbehaviour on demand
 * (`PUT /control`), counts of requests by key (`GET /requests`) and `/openapi.json`.
 */
export function createDesk<C extends Control>({ name, title, control, folder }: DeskOptions<C>): Desk<C> {
  const app = express();
  const acts: Act[] = [];
  const counts = new Map<string, number>();
  const seen = rememberKeys(folder === undefined ? undefined : join(folder, `${name}.keys.jsonl`));
  let current = control.parse({});

  app.disable('x-powered-by');
  app.get('/openapi.json', (_request, response) => void response.json(describe(title, acts, control)));
  app.get('/control', (_request, response) => void response.json(current));
  app.put(
    '/control',
    orders,
    (request: Request, response: Response) => {
      current = parse(control, request.body);
      response.json(current);
    },
    renderProblem,
  );
  app.get('/requests', (_request, response) => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    response.json({ total, byKey: Object.fromEntries(counts) });
  });

  const handler =
    <Question, Answer>(act: Act<Question, Answer>): RequestHandler =>
    async (request, response) => {
      const key = request.get('idempotency-key') ?? '';
      count(counts, key === '' ? `${act.method.toUpperCase()} ${act.path}` : key);
      if (current.mode === 'down' && current.down === 'closed') return void request.socket.destroy();
      if (current.mode === 'down') throw new Problem(503, 'the agency is down');
      if (current.mode === 'slow') await wait(current.delayMs);
      if (act.keyed && key === '') throw new Problem(400, 'Idempotency-Key is missing');
      if (act.purposeBound && !request.get('x-case-code')) throw new Problem(400, 'X-Case-Code is missing');
      const question = act.question ? parse(act.question, request.body) : (undefined as Question);
      const parameters = request.params as Record<string, string>;
      const answer = act.keyed
        ? seen.once(key, question, () => act.respond(question, parameters))
        : act.respond(question, parameters);
      response.status(act.status).json(current.mode === 'wrong' ? { code: '0', message: 'OK' } : answer);
    };

  return {
    app,
    control: () => current,
    takes(act) {
      acts.push(act);
      const path = act.path.replaceAll(/\{(\w+)\}/g, ':$1');
      app[act.method](path, body, handler(act), renderProblem);
    },
  };
}

export interface Listening {
  port: number;
  /** Address without a slash at its end. */
  url: string;
  close: () => Promise<void>;
}

/** Listens on loopback; port 0 lets the system choose. */
export async function serve(app: express.Express, port: number): Promise<Listening> {
  const server = app.listen(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const chosen = (server.address() as AddressInfo).port;
  return {
    port: chosen,
    url: `http://127.0.0.1:${chosen}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem(422, `wrong at /${issue?.path.join('/')}: ${issue?.message}`);
}

/** The answers that were given, by key; the same key with another question is refused. */
function rememberKeys(file: string | undefined) {
  const journal = openJournal<SeenKey>(file);
  const seen = new Map(journal.past.map((entry) => [entry.key, entry]));
  return {
    once<Answer>(key: string, question: unknown, respond: () => Answer): Answer {
      const digest = createHash('sha256').update(JSON.stringify(question)).digest('base64');
      const known = seen.get(key);
      if (known && known.question !== digest)
        throw new Problem(422, 'Idempotency-Key was used for another question');
      if (known) return known.answer as Answer;
      const entry = { key, question: digest, answer: respond() };
      journal.write(entry);
      seen.set(key, entry);
      if (file === undefined) forgetOldest(seen);
      return entry.answer;
    },
  };
}

function count(counts: Map<string, number>, key: string) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
  forgetOldest(counts);
}

function forgetOldest(map: Map<string, unknown>) {
  const [oldest] = map.keys();
  if (map.size > memory && oldest !== undefined) map.delete(oldest);
}

function renderProblem(error: unknown, _request: Request, response: Response, next: NextFunction) {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (!(error instanceof Error) || status === 500) return next(error);
  const title = error instanceof Problem ? error.message : 'the body is not usable JSON';
  response.status(status).type('application/problem+json').json({ status, title });
}
