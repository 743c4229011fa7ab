import { randomUUID } from 'node:crypto';
import type { Actor, Role } from './actor.ts';
import { authorise } from './authorisations.ts';
import { fileApplication } from './cases.ts';
import { nameOfAgency } from './city.ts';
import { mustBeCompetent } from './competences.ts';
import type { Transaction } from './db.ts';
import { fileHandedIn } from './filing.ts';
import type { Completion, HandedIn, Named, Parties } from './handed-in.ts';
import { subjectFor } from './parties.ts';
import { acting } from './policy.ts';
import { prepare, type Prepared } from './prepared-applications.ts';

/**
 * Hands an application in: it is filed at once, or waits for the signatures of its co-applicants. Whether the actor may
 * is asked before its forms are checked (policy.ts).
 *
 * @throws Refusal `not-found` (agency), `unknown-upload`, `invalid-form`, `filing-closed`, `no-place-left`
 */
export async function handIn(
  trx: Transaction,
  by: { actor: Actor; at: Date },
  handedIn: HandedIn,
  { representative, coApplicants }: Named,
  complete: () => Completion,
): Promise<{ code: string } | Prepared> {
  if (handedIn.filedBy) return fileForAgency(trx, by, handedIn, handedIn.filedBy, complete());
  const parties = await identify(trx, by, handedIn, representative);
  const papers = representative
    ? [...handedIn.papers, { kind: 'authorisation', upload: representative.authorisation.upload }]
    : handedIn.papers;
  const whole = { ...handedIn, papers };
  if (coApplicants.length > 0)
    return prepare(
      trx,
      by.at,
      { handedIn: whole, parties, representative, coApplicants },
      complete().procedure.code,
    );
  return fileHandedIn(trx, by.at, whole, parties, complete());
}

/** The subject of somebody who does not say who they are. */
export const unnamed = () => `anybody:${randomUUID()}`;
/** Files what an agency does on its own account. */
async function fileForAgency(
  trx: Transaction,
  by: { actor: Actor; at: Date },
  handedIn: HandedIn,
  filedBy: Role,
  completion: Completion,
): Promise<{ code: string }> {
  const { agency } = handedIn;
  await mustBeCompetent(trx, completion.procedure.code, agency);
  const applicant = { fullName: (await nameOfAgency(trx, agency)).vi };
  // In the place of an applicant, its officers of that role are told what becomes of it.
  const applicantSub = `queue:${agency}:${filedBy}`;
  return fileApplication(trx, { ...handedIn, ...by, ...completion, applicant, applicantSub });
}

/**
 * Finds the subject of the applicant: who files for themselves or for whom the law lets them is known; whoever is named
 * by a representative or at the counter is the holder of that personal number, whenever they sign in.
 */
async function identify(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { channel, applicant }: HandedIn,
  representative: Named['representative'],
): Promise<Parties> {
  const authorisation = representative && (await authorise(trx, { actor, at }, representative));
  const represents = channel === 'online' && applicant['onBehalf'] === 'authorised';
  if ((channel === 'online' || channel === 'machine') && !represents)
    return { actor, applicantSub: actor.sub, authorisation };
  const { personalNumber, fullName = '' } = applicant;
  // Who reports something by telephone need not say who they are.
  const applicantSub = personalNumber ? await subjectFor(trx, personalNumber) : unnamed();
  if (!represents) return { actor, applicantSub, authorisation };
  const principal = { sub: applicantSub, name: fullName };
  return { actor: acting(actor, { as: 'representative', for: principal }), applicantSub, authorisation };
}
