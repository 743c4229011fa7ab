import { join } from 'node:path';
import { percentile, round, type Figures } from './figures.ts';
import { openInstallation, type Installation } from './installation.ts';
import { readApplication } from '../embedded/walk.ts';
import { sampleFolder } from './office.ts';

const looks = Number(process.env['BENCH_LOOKS'] ?? 200);
const warmUp = 20;
const cases = 60;

/**
 * How long pages take from request to last byte, one after the other, on a running installation with sixty cases that wait for
 * their reception: milliseconds, the network of this machine included; and what a page weighs.
 */
export async function pages(): Promise<Figures> {
  const installation = await openInstallation();
  try {
    const { code, task } = await fileCases(installation);
    const views: Record<string, [sub: string | undefined, path: string]> = {
      home: [undefined, '/'],
      catalogue: [undefined, '/procedures'],
      procedure: [undefined, '/procedures/1.013225'],
      myCases: ['an', '/cases'],
      myCase: ['an', `/cases/${code}`],
      inbox: ['vungtau.reception', '/inbox'],
      officersCase: ['vungtau.reception', `/cases/${code}`],
      task: ['vungtau.reception', `/tasks/${task}`],
      admin: ['admin', '/admin'],
    };
    const figures: Figures = {};
    for (const [name, [sub, path]] of Object.entries(views)) {
      const { p50, p95, kilobytes } = await look(installation, sub, path);
      Object.assign(figures, { [`${name}P50Ms`]: p50, [`${name}P95Ms`]: p95, [`${name}Kb`]: kilobytes });
    }
    return figures;
  } finally {
    await installation.stop();
  }
}

async function fileCases(installation: Installation): Promise<{ code: string; task: string }> {
  const [citizen, reception] = [await installation.as('an'), await installation.as('vungtau.reception')];
  const sample = await readApplication(sampleFolder);
  const papers: { kind: string; upload: string }[] = [];
  for (const { kind, file } of sample['papers'] as { kind: string; file: string }[])
    papers.push({ kind, upload: await citizen.upload(join(sampleFolder, file)) });
  let code = '';
  for (let count = 0; count < cases; count++) {
    const filed = await citizen.request('POST', '/api/v1/applications', { ...sample, papers });
    code = (filed.body as { code: string }).code;
  }
  return { code, task: (await reception.task(code, 'acceptance')).id };
}

async function look({ url }: Installation, sub: string | undefined, path: string) {
  const token = sub && (await (await fetch(`${url}/dev-idp/token/${sub}`)).text()).trim();
  const headers = { accept: 'text/html', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const took: number[] = [];
  let bytes = 0;
  for (let count = 0; count < warmUp + looks; count++) {
    const started = performance.now();
    const answer = await fetch(`${url}${path}`, { headers });
    const body = await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
    if (count >= warmUp) took.push(performance.now() - started);
    bytes = body.byteLength;
  }
  return { p50: percentile(took, 50), p95: percentile(took, 95), kilobytes: round(bytes / 1024) };
}
