import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKeystore } from '../activities/documents/keystore.ts';
import { createRenderer } from '../activities/documents/render.ts';
import { sampleRequests } from '../activities/documents/samples.ts';
import { sign } from '../activities/documents/sign.ts';
import { preparePki } from '../embedded/pki.ts';

const templates = fileURLToPath(new URL('../templates/', import.meta.url));
const documents = 500;
const warmUp = 50;

/**
 * Renders and signs the two-page permit 500 times with software keys, in this process alone.
 *
 * @returns CPU milliseconds at the median and the 99th percentile, bytes, and resident memory in MB after 50 documents
 *   and after all
 */
export async function document(): Promise<Record<string, number | string>> {
  const folder = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  try {
    const request = sampleRequests(templates).find(({ template }) => template.endsWith('/permit'));
    if (!request) throw new Error('the sample of the permit is missing');
    const { at } = request;
    const clock = { now: () => at };
    await preparePki({ folder, people: [person], agencies: [agency], clock });
    const keystore = openKeystore(folder);
    const renderer = createRenderer(templates);

    const cpu = { render: [] as number[], officer: [] as number[], seal: [] as number[] };
    let sizes = { base: 0, signed: 0 };
    let settled = 0;
    for (let n = 0; n < warmUp + documents; n++) {
      if (n === warmUp) {
        settled = process.memoryUsage.rss();
        for (const times of Object.values(cpu)) times.length = 0;
      }
      const base = await timed(cpu.render, () => renderer.render(request));
      const once = await timed(cpu.officer, async () =>
        sign(base, await keystore.person(person.sub), {
          field: 'Signature1',
          reason: 'Bench',
          at,
          name: person.name,
        }),
      );
      const twice = await timed(cpu.seal, async () =>
        sign(once, await keystore.seal(agency.code), {
          field: 'Signature2',
          reason: 'Bench',
          at,
          name: agency.name,
        }),
      );
      sizes = { base: base.length, signed: twice.length };
    }
    return {
      documents,
      cpuMsRenderP50: percentile(cpu.render, 50),
      cpuMsRenderP99: percentile(cpu.render, 99),
      cpuMsSignOfficerP50: percentile(cpu.officer, 50),
      cpuMsSignOfficerP99: percentile(cpu.officer, 99),
      cpuMsSignSealP50: percentile(cpu.seal, 50),
      cpuMsSignSealP99: percentile(cpu.seal, 99),
      bytesUnsigned: sizes.base,
      bytesSigned: sizes.signed,
      rssMbAfterWarmUp: megabytes(settled),
      rssMbAtEnd: megabytes(process.memoryUsage.rss()),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const person = { sub: 'bench', name: 'Nguyễn Văn An' };
const agency = { code: 'H29.16', name: 'Ủy ban nhân dân phường Vũng Tàu' };

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1000);
  return result;
}

function percentile(times: number[], nth: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * nth) / 100))] ?? 0;
  return Math.round(value * 100) / 100;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
