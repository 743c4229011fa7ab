import { z } from 'zod';
import { callAgency, type AgencyAddress } from './call.ts';

/** What planning is asked: would this building be allowed on this parcel? Lengths in metres, density in per cent. */
export const PlanningQuery = z
  .object({
    parcel: z.object({ sheet: z.int().min(1).max(999), number: z.int().min(1).max(9999) }),
    floors: z.int().min(1),
    densityPercent: z.number().min(0).max(100),
    heightM: z.number().positive(),
    setbacks: z.object({ frontM: z.number().min(0), sideM: z.number().min(0), rearM: z.number().min(0) }),
  })
  .meta({ id: 'PlanningQuery' });

/** One comparison of the building with the plan; a failed one is a warning, the officer decides. */
export const PlanningCheck = z
  .object({
    id: z.enum([
      'mapped',
      'floors',
      'density',
      'height',
      'setbackFront',
      'setbackSide',
      'setbackRear',
      'minimumArea',
      'plannedRoad',
      'coastalCorridor',
      'heritage',
    ]),
    passed: z.boolean(),
    limit: z.number(),
    actual: z.number(),
    note: z.object({ vi: z.string(), en: z.string() }),
  })
  .meta({ id: 'PlanningCheck' });
export type PlanningCheck = z.infer<typeof PlanningCheck>;

/** All checks of one building; a parcel outside every zone gets the single failed check `mapped`. */
export const PlanningAnswer = z
  .object({ zone: z.string().nullable(), checks: z.array(PlanningCheck).min(1) })
  .meta({ id: 'PlanningAnswer' });
export type PlanningAnswer = z.infer<typeof PlanningAnswer>;

/** A planning question together with the case that it is asked for. */
export type PlanningQuestion = z.infer<typeof PlanningQuery> & { caseCode: string };

export interface Planning {
  /** Compares a building with the zoning plan; `key` is the business key of the question. */
  checkBuilding(question: PlanningQuestion, key: string): Promise<PlanningAnswer>;
}

/** Connects to the planning map; its errors are those of {@link callAgency}. */
export function createPlanning(address: AgencyAddress): Planning {
  return {
    checkBuilding: ({ caseCode, ...body }, key) =>
      callAgency(address, {
        agency: 'planning map',
        path: '/checks',
        body,
        answer: PlanningAnswer,
        key,
        caseCode,
      }),
  };
}
