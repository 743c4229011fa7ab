import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createResidentRegistry as connect } from '../../activities/agencies/resident-registry.ts';
import { createLogger } from '../../log.ts';
import { serve, type Listening } from './desk.ts';
import { createResidentRegistry } from './resident-registry.ts';

const caseCode = 'H29.16-261122-0001';
const boy = {
  fullName: 'Nguyễn Lê Minh Quân',
  dateOfBirth: '2026-11-10',
  gender: 'male' as const,
  parents: [],
};

let folder: string;
let motcua: Listening;
const delivered: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-registry-'));
  const app = express()
    .use(express.json())
    .post('/api/v1/tasks/:task/complete', (request, response) => {
      delivered.push((request.body as { answer: unknown }).answer);
      response.json({});
    });
  motcua = await serve(app, 0);
});
afterAll(async () => {
  await motcua.close();
  await rm(folder, { recursive: true });
});

const start = () =>
  serve(
    createResidentRegistry({
      publicUrl: motcua.url,
      token: () => Promise.resolve('token'),
      folder,
      log: createLogger('test', 'silent'),
      signal: new AbortController().signal,
    }),
    0,
  );
const ask = ({ url }: Listening, taskId: string, child: typeof boy = boy) =>
  connect({ url, publicUrl: motcua.url }).requestPersonalNumber(
    { taskId, child, caseCode },
    `${caseCode}/${taskId}`,
  );
const arrived = (count: number) => vi.waitFor(() => expect(delivered).toHaveLength(count));

test('every child has a number of its own that tells century, gender and year, over a restart too', async () => {
  const registry = await start();
  await ask(registry, 'task-1');
  await arrived(1);
  await registry.close();
  const again = await start();
  await ask(again, 'task-1');
  await ask(again, 'task-2', { ...boy, dateOfBirth: '1999-12-31' });
  await arrived(2);
  expect(delivered).toEqual([
    { result: 'allocated', childPersonalNumber: '077226990001' },
    { result: 'allocated', childPersonalNumber: '077099990002' },
  ]);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ answers: 'impossible' });
  await fetch(`${again.url}/control`, { method: 'PUT', headers, body });
  await ask(again, 'task-3');
  await arrived(3);
  expect(delivered[2]).toMatchObject({
    result: 'impossible',
    reason: expect.stringContaining('mẹ') as string,
  });
  await again.close();
});
