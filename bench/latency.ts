import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { readApplication } from '../embedded/walk.ts';
import { percentile, type Figures } from './figures.ts';
import { openInstallation } from './installation.ts';
import { sampleFolder } from './office.ts';

const perSecond = 10;
const warmUpSeconds = 5;
const seconds = 20;

/**
 * How long `POST /applications` and `POST /tasks/{id}/complete` take while ten of each come every second, whether
 * or not the ones before are answered; the decision is that of the reception desk.
 */
export async function latency(): Promise<Figures> {
  const installation = await openInstallation();
  try {
    const [applicant, reception] = await Promise.all([
      installation.as('an'),
      installation.as('vungtau.reception'),
    ]);
    const sample = await readApplication(sampleFolder);
    const papers: { kind: string; upload: string }[] = [];
    for (const { kind, file } of sample['papers'] as { kind: string; file: string }[])
      papers.push({ kind, upload: await applicant.upload(join(sampleFolder, file)) });

    const filing: number[] = [];
    const deciding: number[] = [];
    const file = async () => {
      const took = await timed(() =>
        applicant.request('POST', '/api/v1/applications', { ...sample, papers }),
      );
      filing.push(took);
    };
    const queue: string[] = [];
    const listed = new Set<string>();
    const decide = async () => {
      if (queue.length === 0) {
        const { body } = (await reception.get('/api/v1/tasks?name=acceptance&limit=50')) as Listed;
        const fresh = body.items.map(({ id }) => id).filter((id) => !listed.has(id));
        for (const id of fresh) listed.add(id);
        queue.push(...fresh);
      }
      const id = queue.shift();
      if (id === undefined) return;
      const answer = { answer: { decision: 'accept' } };
      deciding.push(await timed(() => reception.request('POST', `/api/v1/tasks/${id}/complete`, answer)));
    };
    await Promise.all([every(file), sleep(1_000).then(() => every(decide))]);
    const measuredFiling = filing.slice(warmUpSeconds * perSecond);
    const measuredDeciding = deciding.slice(warmUpSeconds * perSecond);
    return {
      perSecond,
      applicationP50Ms: percentile(measuredFiling, 50),
      applicationP99Ms: percentile(measuredFiling, 99),
      applications: measuredFiling.length,
      decisionP50Ms: percentile(measuredDeciding, 50),
      decisionP99Ms: percentile(measuredDeciding, 99),
      decisions: measuredDeciding.length,
    };
  } finally {
    await installation.stop();
  }
}

interface Listed {
  body: { items: { id: string }[] };
}

/** Begins the work ten times a second for as long as the benchmark lasts, then waits for all of it. */
async function every(work: () => Promise<void>): Promise<void> {
  const started = performance.now();
  const begun: Promise<void>[] = [];
  for (let count = 0; count < (warmUpSeconds + seconds) * perSecond; count++) {
    await sleep(Math.max(0, started + (count * 1000) / perSecond - performance.now()));
    begun.push(work());
  }
  await Promise.all(begun);
}

async function timed(request: () => Promise<{ status: number; body: unknown }>): Promise<number> {
  const started = performance.now();
  const { status, body } = await request();
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return performance.now() - started;
}
