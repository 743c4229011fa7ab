import type { Router } from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { createApp } from './app.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/** Every route that answers, as `GET /api/v1/cases/{code}`. */
function routesOf(layers: Layer[]): string[] {
  return layers.flatMap(({ route, handle }) =>
    route
      ? Object.keys(route.methods).map(
          (method) => `${method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`,
        )
      : routesOf(handle.stack ?? []),
  );
}

interface Operation {
  security?: unknown[];
  parameters?: { name: string; in: string }[];
}
type Paths = Record<string, Record<string, Operation>>;

test('the description has exactly the routes that answer', async () => {
  const { body } = await api.stranger.get('/openapi.json').expect(200);
  const described = Object.entries(body.paths as Paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = routesOf((createApp(api).router as Router & { stack: Layer[] }).stack);
  const isApi = (route: string) =>
    / \/(api|schemas|codec|healthz|readyz|metrics|credentials|status-lists|\.well-known)/.test(route);
  expect(described.sort()).toEqual(served.filter(isApi).sort());
  expect(body.openapi).toBe('3.1.0');
});

test('every act asks for an Idempotency-Key', async () => {
  const { body } = await api.stranger.get('/openapi.json').expect(200);
  const acts = Object.entries(body.paths as Paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
    )
    .filter(
      ({ path, method }) =>
        method !== 'get' &&
        /applications|tasks|cases|delegations|bulk/.test(path) &&
        !path.endsWith('/preview'),
    );
  expect(acts).toHaveLength(25);
  for (const { operation } of acts)
    expect(operation.parameters).toContainEqual(
      expect.objectContaining({ in: 'header', name: 'Idempotency-Key' }),
    );
});

test('the documentation is a page of our own origin, with nothing from elsewhere', async () => {
  const page = await api.stranger.get('/docs').redirects(1).expect(200);
  expect(page.text).not.toMatch(/(src|href)="https?:/);
  const script = await api.stranger.get('/docs/swagger-ui-init.js').expect(200);
  expect(script.text).toContain('/openapi.json');
  expect((await api.stranger.get('/docs/swagger-ui-bundle.js')).headers['content-type']).toMatch(
    'javascript',
  );
});

test('the front page tells in both languages what this is', async () => {
  expect((await api.stranger.get('/').expect(200)).text).toContain('Một hồ sơ, một cửa, một kết quả');
  const english = await api.stranger.get('/').set('Accept-Language', 'en').expect(200);
  expect(english.text).toContain('One file, one door, one answer');
  expect(english.text).not.toContain('/temporal');
  const styles = /\/assets\/[\da-f]+\/motcua\.css/.exec(english.text)![0];
  expect((await api.stranger.get(styles).expect(200)).headers['content-type']).toMatch('text/css');
});
