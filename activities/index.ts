import { activityInfo } from '@temporalio/activity';
import type { Database } from '../records/db.ts';
import { watchAttempts, type Attempt } from './attempts.ts';
import { createAsk } from './agencies/ask.ts';
import type { Agencies } from './agencies/questions.ts';
import { createCampaign, type CampaignDependencies } from './campaigns.ts';
import { createCaseActivities } from './cases.ts';
import type { DocumentDependencies } from './documents/deliver.ts';
import { createIssue } from './documents/issue.ts';
import { createLetter } from './documents/letters.ts';
import { createSettle } from './documents/life.ts';
import { createRecount } from './recount.ts';
import { createAugment, type AugmentDependencies } from './augment.ts';
import { createFile, type SubCaseDependencies } from './sub-cases.ts';

/** Everything that the side effects of cases need. */
export interface ActivityDependencies
  extends DocumentDependencies, SubCaseDependencies, AugmentDependencies, CampaignDependencies {
  db: Database;
  agencies: Agencies;
}

/** The activities by their verb, as workflows see them. */
function verbs(deps: ActivityDependencies) {
  return {
    ...createCaseActivities({ ...deps, letter: createLetter(deps) }),
    ask: createAsk(deps),
    issue: createIssue(deps),
    recount: createRecount(deps.db),
    augment: createAugment(deps),
    settle: createSettle(deps),
    file: createFile(deps),
    ...createCampaign(deps),
  };
}
export type Activities = ReturnType<typeof verbs>;

/** Makes the worker's activities. */
export const createActivities = (deps: ActivityDependencies) => byVerb(verbs(deps), watchAttempts(deps));

/**
 * Lets the first word of an activity's type decide. A type is a verb and its object, `ask identity` or
 * `step open acceptance`, because that type is what the Temporal UI writes on its timeline.
 *
 * @param attempt what happens around each try; nothing without it
 */
export function byVerb(activities: Partial<Activities>, attempt: Attempt = (work) => work()) {
  const known = activities as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return {
    default(...args: unknown[]): Promise<unknown> {
      const { activityType } = activityInfo();
      const activity = known[activityType.split(' ', 1)[0] ?? ''];
      if (!activity) throw new Error(`there is no activity for "${activityType}"`);
      return attempt(() => activity(...args), args[0]);
    },
  };
}
