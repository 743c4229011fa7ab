/** THE CATALOGUE: one export for each edition; the export's name is the procedure's id and its workflow type. */
export { constructionPermit2025 } from './construction-permit/edition-2025.ts';
export { constructionPermit } from './construction-permit/procedure.ts';
export { birthRegistration } from './birth-registration/procedure.ts';
