export { defineProcedure, type Facts, type Procedure, type WrongField } from './procedure.ts';
export type { TaskFacts } from './task-facts.ts';
export type {
  AllocationProblem,
  CampaignFacts,
  CampaignPlan,
  MemberFile,
  Offer,
  Placement,
  Round,
} from './campaign-facts.ts';
export { Opinion, Receipt, type Placed } from './engine-tasks.ts';
export {
  Address,
  Applicant,
  applicantBlock,
  askedWhen,
  choice,
  GeoPoint,
  PaperReference,
  personal,
  PersonalNumber,
  toldEntry,
  type Text,
} from './form.ts';
export { areaIn, GeoArea, type Area } from './geo.ts';
export type { Missing, Story } from './story.ts';
export type { Limit } from './legal-clock.ts';

// The one word of Temporal that an author needs: `if (patched('a sentence')) …` mends an edition while cases run.
export { patched } from '@temporalio/workflow';
