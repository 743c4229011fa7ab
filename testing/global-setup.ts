import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cachedBundle } from '../bundle.ts';
import { findTestServer } from '../embedded/binaries.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { sampleCity } from '../embedded/samples.ts';
import { systemClock } from '../clock.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase } from '../records/db.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the template database, which each test file copies. */
    templateUrl: string;
    /** File with the bundle of the catalogue. */
    bundlePath: string;
    /** Time-skipping test server; empty where the SDK fetches its own. */
    testServer: string;
  }
}

/** Starts one PostgreSQL for the whole run, with a migrated template, and bundles the workflows once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-test-'));
  const [postgres, bundlePath, testServer] = await Promise.all([
    startPostgres({ dataDir: folder, port: 0, durable: false }),
    cachedBundle('.cache'),
    findTestServer(),
  ]);
  const admin = openDatabase(postgres.url, 1);
  await admin.raw('CREATE DATABASE template_motcua');
  await admin.destroy();

  const url = new URL(postgres.url);
  url.pathname = '/template_motcua';
  const template = openDatabase(url.href, 1);
  await migrate(template);
  await applyCity(template, sampleCity(), systemClock.now());
  await template.destroy();

  project.provide('templateUrl', url.href);
  project.provide('bundlePath', resolve(bundlePath));
  project.provide('testServer', testServer ?? '');
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
