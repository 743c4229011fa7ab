import { AgencyRefused, AgencyUnavailable } from '../activities/agencies/call.ts';
import { createResidentRegistry, type IdentityAnswer } from '../activities/agencies/resident-registry.ts';
import type { Config } from '../config.ts';
import { Refusal } from '../records/refusal.ts';

/**
 * Compares what somebody says of themselves with the resident registry, which gives their residence when all of it is right.
 *
 * @param purpose what it is asked for: the id of a draft or the code of a case, which the registry keeps
 * @throws Refusal `not-ready` while the registry does not answer
 */
export type Residents = (
  asked: { personalNumber: string; fullName: string; dateOfBirth: string },
  purpose: string,
) => Promise<IdentityAnswer>;

/** Connects the pages to the resident registry; undefined where none is configured. */
export function openResidents({ RESIDENT_REGISTRY_URL: url, publicUrl }: Config): Residents | undefined {
  if (!url) return undefined;
  const registry = createResidentRegistry({ url, publicUrl, timeoutMs: 3_000 });
  return async (asked, purpose) => {
    const key = `prefill:${purpose}:${asked.dateOfBirth}`;
    try {
      return await registry.verifyIdentity({ ...asked, caseCode: purpose }, key);
    } catch (error) {
      if (error instanceof AgencyRefused) return { match: false, mismatches: ['personalNumber'] };
      if (!(error instanceof AgencyUnavailable)) throw error;
      throw new Refusal(
        'not-ready',
        'Cơ sở dữ liệu dân cư chưa trả lời; bạn có thể tự điền · The resident registry does not answer; you can fill it in yourself',
      );
    }
  };
}
