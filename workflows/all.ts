/** Everything that a worker runs: the catalogue, and the jobs that touch many cases. */
export * from './index.ts';
export { recountCases } from './jobs/recount.ts';
