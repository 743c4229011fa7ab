import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKeystore, type Keystore } from '../activities/documents/keystore.ts';
import { openRenderPool } from '../activities/documents/render-pool.ts';
import { createRenderer } from '../activities/documents/render.ts';
import { createSigning, type Signing } from '../activities/documents/signing.ts';
import { openTrustServices } from '../activities/documents/trust/index.ts';
import { systemClock as clock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { documents, templates, type Make } from './document-samples.ts';
import { percentile, round, type Figures } from './figures.ts';

const [person, agency] = ['bench', 'H29.16'];
const warmUp = 30;
const eachLength = 200;
const streamed = Number(process.env['BENCH_DOCUMENTS'] ?? 5_000);
const inFlight = 8;
const megabytes = (bytes: number) => Math.round(bytes / 1e6);

/**
 * Renders documents of 2, 3 and 12 pages, the longest as one paragraph, as hundreds and as a table, and signs them twice to
 * B-LTA with the development trust services: CPU milliseconds of this process, bytes; then many documents at once, as the
 * worker makes them: documents a second, and resident memory in MB at the beginning and the end.
 */
export async function document(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const program = fileURLToPath(new URL('document-authority.ts', import.meta.url));
  const authority = fork(program, [folder, person, agency]);
  try {
    const [url] = (await once(authority, 'message')) as [string];
    const services = await openTrustServices(
      { TIMESTAMP_URL: `${url}/timestamps`, TRUST_ANCHORS: join(folder, 'root.pem') },
      clock,
    );
    const signing = createSigning(services, clock, createLogger('bench', 'error'));
    const keystore = openKeystore(folder);
    const figures: Figures = {};
    for (const [name, make] of Object.entries(documents))
      Object.assign(figures, await cost(name, make, signing, keystore));
    return { ...figures, ...(await stream(signing, keystore)) };
  } finally {
    authority.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one document after the other costs. */
async function cost(name: string, make: Make, signing: Signing, keystore: Keystore): Promise<Figures> {
  const renderer = createRenderer(templates);
  const cpu = { render: [] as number[], sign: [] as number[] };
  const bytes = { unsigned: 0, signed: 0 };
  for (let n = 0; n < warmUp + eachLength; n++) {
    if (n === warmUp) for (const times of Object.values(cpu)) times.length = 0;
    const request = make(n);
    const base = await timed(cpu.render, () => renderer.render(request));
    const pdf = await timed(cpu.sign, () => signBoth(base, signing, keystore));
    Object.assign(bytes, { unsigned: base.length, signed: pdf.length });
  }
  return {
    [`${name}RenderP50Ms`]: percentile(cpu.render, 50),
    [`${name}RenderP99Ms`]: percentile(cpu.render, 99),
    [`${name}SignP50Ms`]: percentile(cpu.sign, 50),
    [`${name}SignP99Ms`]: percentile(cpu.sign, 99),
    [`${name}Bytes`]: bytes.unsigned,
    [`${name}SizeRatio`]: round(bytes.signed / bytes.unsigned, 2),
  };
}

/** What can be made at once, rendered by other threads. */
async function stream(signing: Signing, keystore: Keystore): Promise<Figures> {
  const renderer = openRenderPool(templates);
  let begun = 0;
  const makeUntil = async (count: number) => {
    while (begun < count) {
      await signBoth(await renderer.render(documents.pages2(begun++)), signing, keystore);
    }
  };
  const make = (count: number) => Promise.all(Array.from({ length: inFlight }, () => makeUntil(count)));
  try {
    await make(100);
    const rssBefore = process.memoryUsage.rss();
    const started = performance.now();
    await make(100 + streamed);
    const seconds = (performance.now() - started) / 1000;
    return {
      documents: streamed,
      documentsPerSecond: round(streamed / seconds),
      rssMbBefore: megabytes(rssBefore),
      rssMbAfter: megabytes(process.memoryUsage.rss()),
    };
  } finally {
    await renderer.close();
  }
}

async function signBoth(base: Uint8Array, signing: Signing, keystore: Keystore): Promise<Uint8Array> {
  const at = clock.now();
  const signed = await signing.sign(base, [
    { signer: await keystore.person(person), reason: 'Bench', at, name: 'Nguyễn Văn An' },
    { signer: await keystore.seal(agency), reason: 'Bench', at, name: 'Ủy ban nhân dân phường Vũng Tàu' },
  ]);
  if (signed.level !== 'B-LTA') throw new Error(`only ${signed.level} was reached`);
  return signed.pdf;
}

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1000);
  return result;
}
