/** THE CATALOGUE: one export for each edition; the export's name is the procedure's id and its workflow type. */
export { constructionPermit2025 } from './construction-permit/edition-2025.ts';
export { constructionPermit } from './construction-permit/procedure.ts';
export { birthRegistration } from './birth-registration/procedure.ts';
export { childHealthCard } from './child-health-card/procedure.ts';
export { childResidence } from './child-residence/procedure.ts';
export { healthConsent } from './health-consent/procedure.ts';
export { healthRecord } from './health-record/procedure.ts';
export { schoolCampaign } from './school-campaign/procedure.ts';
export { schoolPlace } from './school-place/procedure.ts';
export { linkedBirth } from './linked-birth/procedure.ts';
export { streetReport } from './street-report/procedure.ts';
