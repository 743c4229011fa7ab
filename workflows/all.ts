/** Everything that a worker runs: the catalogue, and the jobs that touch many cases. */
export * from './index.ts';
export { actOnDocument } from './jobs/act-on-document.ts';
export { augmentDocuments } from './jobs/augment-documents.ts';
export { recountCases } from './jobs/recount.ts';
