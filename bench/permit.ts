import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { round, type Figures } from './figures.ts';
import { openInstallation, type Installation } from './installation.ts';
import { applyForPermits, openOffice } from './office.ts';
import { cpuOf } from './processes.ts';

const { HistoryEvent } = proto.temporal.api.history.v1;
const applicants = 50;
const warmUp = 50;
const cases = 100;

/**
 * Straightforward permits through HTTP against the product's own processes: filed with six papers, decided by five
 * officers, paid at the treasury; first with documents, then with a worker that enters their rows only.
 *
 * Fifty applicants file one case after the other, so the machine is saturated; they and the officers run in this
 * process, and the sample agencies in theirs, whose CPU is not the product's and is given apart.
 */
export async function permit(): Promise<Figures> {
  const { sizes, ...withDocuments } = await measure('worker.ts');
  const without = await measure('bench/worker-without-documents.ts');
  const { sizes: _same, ...withoutDocuments } = without;
  return {
    cpuMsPerCase: withDocuments.cpuMsPerCase,
    casesPerSecond: withDocuments.casesPerSecond,
    applicants,
    withDocuments,
    withoutDocuments,
    ...sizes,
  };
}

async function measure(worker: string) {
  const installation = await openInstallation(worker);
  try {
    const office = openOffice(installation);
    await file(installation, warmUp);
    const before = await storeSizes(installation);
    let seconds = 0;
    const { city, ...used } = await cpuOf(installation.pids, async () => {
      const started = performance.now();
      await file(installation, cases);
      seconds = (performance.now() - started) / 1000;
    });
    await office.close();
    const after = await storeSizes(installation);
    const perCase = (value: number, digits = 1) => round(value / cases, digits);
    const grown = (name: keyof typeof after) => Math.round((after[name] - before[name]) / cases);
    return {
      cpuMsPerCase: perCase(Object.values(used).reduce((sum, ms) => sum + ms, 0)),
      casesPerSecond: round(cases / seconds, 2),
      cpuMsApi: perCase(used.api),
      cpuMsWorker: perCase(used.worker),
      cpuMsTemporal: perCase(used.temporal),
      cpuMsPostgres: perCase(used.postgres),
      cpuMsSampleAgencies: perCase(city),
      cases,
      sizes: {
        ...(await historyOf(installation)),
        databaseBytesPerCase: grown('database'),
        temporalBytesPerCase: grown('temporal'),
        fileBytesPerCase: grown('objects'),
      },
    };
  } finally {
    await installation.stop();
  }
}

/** Lets fifty applicants file so many cases together and waits until all are closed. */
async function file(installation: Installation, cases: number): Promise<void> {
  let left = cases;
  const more = () => left-- > 0;
  await Promise.all(Array.from({ length: applicants }, () => applyForPermits(installation, more)));
}

/** Events and bytes, as Temporal keeps them, of the history of the case that was closed last. */
async function historyOf({ db, client }: Installation): Promise<{ events: number; historyBytes: number }> {
  const { code } = await db('cases')
    .whereNotNull('closed_at')
    .orderBy('closed_at', 'desc')
    .first<{ code: string }>('code');
  const events = (await client.workflow.getHandle(code).fetchHistory()).events ?? [];
  const historyBytes = events.reduce((sum, event) => sum + HistoryEvent.encode(event).finish().length, 0);
  return { events: events.length, historyBytes };
}

async function storeSizes({ db, dataDir }: Installation) {
  const { rows } = await db.raw<{ rows: [{ bytes: number }] }>(
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  return {
    database: rows[0].bytes,
    temporal: await folderSize(join(dataDir, 'temporal')),
    objects: await folderSize(join(dataDir, 'objects')),
  };
}

async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = names.map(async (name) => {
    const entry = await stat(join(folder, name));
    return entry.isFile() ? entry.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
