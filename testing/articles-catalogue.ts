/** The procedures in which the clocks and states of Decree 118/2025 are told one by one. */
export { constructionPermit } from '../workflows/construction-permit/procedure.ts';
export { survey } from './survey-procedure.ts';
