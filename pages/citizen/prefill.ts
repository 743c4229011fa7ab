import type { Deps } from '../../api/deps.ts';
import type { Actor } from '../../records/actor.ts';
import { Refusal } from '../../records/refusal.ts';
import { Applicant } from '../../workflows/engine/index.ts';
import { filledFrom, type Filled } from '../form/answers.ts';
import { fieldsOf } from '../form/fields.ts';
import type { OpenDraft } from './open-draft.ts';

const applicant = fieldsOf(Applicant, '/applicant');

/** What a new application begins with: who signed in, and what they said of themselves the last time. */
export function firstAnswers(actor: Actor, latest: Record<string, unknown> | undefined): Filled {
  const { onBehalf: _onBehalf, ...known } = latest ?? {};
  const { name: fullName, personalNumber } = actor;
  return filledFrom(applicant, { ...known, fullName, ...(personalNumber ? { personalNumber } : {}) });
}

/**
 * Fills in the residence that the resident registry knows, once name, number and day of birth are those that it has.
 *
 * @throws Refusal `invalid-form` where they are not, `not-ready` while the registry does not answer
 */
export async function prefill(
  { residents }: Pick<Deps, 'residents'>,
  { draft }: OpenDraft,
  filled: Filled,
): Promise<Filled> {
  const asked = {
    fullName: String(filled['/applicant/fullName'] ?? ''),
    personalNumber: String(filled['/applicant/personalNumber'] ?? ''),
    dateOfBirth: String(filled['/applicant/dateOfBirth'] ?? ''),
  };
  if (!residents) return filled;
  const found = await residents(asked, draft.id);
  if (found.match && found.residence) {
    const { street, ward, province } = found.residence;
    const at = '/applicant/residence';
    return { ...filled, [`${at}/street`]: street, [`${at}/ward`]: ward, [`${at}/province`]: province };
  }
  throw new Refusal(
    'invalid-form',
    'Cơ sở dữ liệu dân cư có thông tin khác · The resident registry has something else',
    found.mismatches.map((field) => ({
      pointer: `/applicant/${field}`,
      detail: 'Khác với cơ sở dữ liệu dân cư · Differs from the resident registry',
    })),
  );
}
