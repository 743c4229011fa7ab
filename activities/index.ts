import type { Database } from '../records/db.ts';
import { createAsk } from './agencies/ask.ts';
import type { Agencies } from './agencies/questions.ts';
import { createCaseActivities } from './cases.ts';
import type { DocumentDependencies } from './documents/deliver.ts';
import { createIssue } from './documents/issue.ts';
import { createIssueLetter } from './documents/letters.ts';

/** Everything that the side effects of cases need. */
export interface ActivityDependencies extends DocumentDependencies {
  db: Database;
  agencies: Agencies;
}

/** Makes all activities of the worker, by capability. */
export function createActivities(deps: ActivityDependencies) {
  return {
    ...createCaseActivities(deps),
    askAgency: createAsk(deps),
    issueDocument: createIssue(deps),
    issueLetter: createIssueLetter(deps),
  };
}

/** The activities as workflows see them. */
export type Activities = ReturnType<typeof createActivities>;
