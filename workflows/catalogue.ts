import * as editions from './index.ts';
import type { Procedure } from './engine/procedure.ts';

/** Every edition by its id, which is its export name in workflows/index.ts. */
export const procedures: ReadonlyMap<string, Procedure> = new Map(
  Object.entries(editions).map(([id, workflow]) => [id, workflow.procedure]),
);

/** Says whether an edition is in force on a day (ISO date). */
export const inForce = ({ effectiveFrom, effectiveTo }: Procedure, day: string) =>
  effectiveFrom <= day && (!effectiveTo || day <= effectiveTo);

/** The role whose officers file a procedure for their own agency; undefined where citizens apply. */
export const filerOf = ({ applicant, filedBy }: Pick<Procedure, 'applicant' | 'filedBy'>) =>
  applicant === 'agency' ? (filedBy ?? 'specialist') : undefined;

/** Whether applications for a procedure are taken in the rounds of campaigns only. */
export const isTakenInRounds = (editions: ReadonlyMap<string, Procedure>, code: string): boolean =>
  [...editions.values()].some((edition) => edition.code === code && edition.membership !== undefined);

/**
 * Finds the edition that governs an application for a procedure: the one whose transitional clause claims it, else the
 * latest one in force on the day it is received.
 *
 * @param code of the procedure, for example `1.013225`
 * @returns its id; undefined when no edition governs it: a later edition may lie deployed and is not asked yet
 */
export function editionFor(
  editions: ReadonlyMap<string, Procedure>,
  code: string,
  filing: { day: string; answers: Readonly<Record<string, unknown>> },
): string | undefined {
  const ofCode = [...editions]
    .filter(([, edition]) => edition.code === code && edition.effectiveFrom <= filing.day)
    .sort(([, a], [, b]) => b.effectiveFrom.localeCompare(a.effectiveFrom));
  const claiming = ofCode.find(([, { governs }]) => governs?.(filing));
  const latest = ofCode.find(([, edition]) => !edition.governs && inForce(edition, filing.day));
  return (claiming ?? latest)?.[0];
}
