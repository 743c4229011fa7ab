import { machine, type Figures } from './figures.ts';

/** Each benchmark is loaded when it runs, so that none pays for the others' modules. */
const benchmarks: Record<string, () => Promise<Figures>> = {
  case: async () => (await import('./case.ts')).caseBenchmark(),
  permit: async () => (await import('./permit.ts')).permit(),
  latency: async () => (await import('./latency.ts')).latency(),
  clock: async () => (await import('./clock.ts')).clock(),
  recount: async () => (await import('./recount.ts')).recounting(),
  inbox: async () => (await import('./inbox.ts')).inboxes(),
  reports: async () => (await import('./reports.ts')).reports(),
  replay: async () => (await import('./replay.ts')).replaying(),
  document: async () => (await import('./document.ts')).document(),
  memory: async () => (await import('./memory.ts')).memory(),
  school: async () => (await import('./school.ts')).school(),
  pages: async () => (await import('./pages.ts')).pages(),
  fhir: async () => (await import('./fhir.ts')).fhir(),
};

/** `npm run bench -- <name>`: prints one JSON line for a benchmark; without a name, for each of them in turn. */
const [asked] = process.argv.slice(2);
if (asked !== undefined && !Object.hasOwn(benchmarks, asked)) {
  console.error(`there is no benchmark "${asked}"; there are: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(1);
}
try {
  for (const [name, run] of Object.entries(benchmarks))
    if (asked === undefined || asked === name)
      console.log(JSON.stringify({ name, ...(await run()), machine: machine() }));
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
