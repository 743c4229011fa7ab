import { cpus } from 'node:os';
import { madeUpWard } from '../testing/school-children.ts';
import { schoolCampaign } from '../workflows/school-campaign/procedure.ts';
import type { AllocationProblem } from '../workflows/engine/index.ts';
import { percentile, round, type Figures } from './figures.ts';

const runs = Number(process.env['BENCH_RUNS'] ?? 10);
const children = 20_000;
const schools = 60;

/** How long the allocation of 20,000 children to 60 schools takes, every reason in two languages included. */
export function school(): Figures {
  const { allocate } = schoolCampaign.procedure.campaign!;
  const figures: Figures = { children, schools, cores: cpus().length };
  for (const [name, places] of [
    ['scarce', 16_000],
    ['enough', 22_000],
  ] as const) {
    const ward = madeUpWard({ children, schools, places, draw: 1 }) as unknown as AllocationProblem;
    const took: number[] = [];
    let placed = 0;
    for (let run = 0; run < runs; run++) {
      const began = performance.now();
      placed = allocate(ward).filter(({ offer }) => offer !== null).length;
      took.push(performance.now() - began);
    }
    Object.assign(figures, {
      [`${name}P50Ms`]: round(percentile(took, 50)),
      [`${name}MaxMs`]: round(Math.max(...took)),
      [`${name}Placed`]: placed,
    });
  }
  return figures;
}
