import { caseBenchmark } from './case.ts';
import { machine, type Figures } from './figures.ts';

/** `npm run bench -- <name>`: prints one JSON line for a benchmark, or for each when no name is given. */
const benchmarks: Record<string, () => Promise<Figures>> = {
  case: caseBenchmark,
};

const [asked] = process.argv.slice(2);
if (asked !== undefined && !Object.hasOwn(benchmarks, asked)) {
  console.error(`there is no benchmark "${asked}"; there are: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(1);
}
for (const [name, run] of Object.entries(benchmarks))
  if (asked === undefined || asked === name)
    console.log(JSON.stringify({ name, ...(await run()), machine: machine() }));
process.exit(0);
