import { timingSafeEqual } from 'node:crypto';
import { reachAbout } from './contacts.ts';
import type { Database } from './db.ts';

/** How long a code counts, in milliseconds, and how often one may try to type it in. */
const lastsMs = 600_000;
const mostTries = 5;

/** Where a code goes. */
export interface CodeRecipient {
  phone: string;
  language: 'vi' | 'en' | null;
}

/**
 * Keeps the code that opens the tracking of a case, in the place of the one before.
 *
 * @param hash of the code, keyed
 * @returns the applicant's phone; undefined where there is no such case or no phone
 */
export async function keepPhoneCode(
  db: Database,
  { code, hash, at }: { code: string; hash: Buffer; at: Date },
): Promise<CodeRecipient | undefined> {
  return db.transaction(async (trx) => {
    const row = await trx('cases')
      .where({ code })
      .first<{ applicant_sub: string } | undefined>('applicant_sub');
    const [applicant] = row ? await reachAbout(trx, code, [row.applicant_sub]) : [];
    if (!applicant?.phone) return undefined;
    const kept = { hash, tries: 0, ends_at: new Date(at.getTime() + lastsMs) };
    await trx('phone_codes')
      .insert({ case_code: code, ...kept })
      .onConflict('case_code')
      .merge();
    return { phone: applicant.phone, language: applicant.language };
  });
}

/** Takes a code that was typed in; the right one counts once, and every try counts. */
export async function takePhoneCode(
  db: Database,
  { code, hash, at }: { code: string; hash: Buffer; at: Date },
): Promise<boolean> {
  // The row stays locked until it is gone, so that of two that come together only one is right.
  return db.transaction(async (trx) => {
    const [kept] = await trx('phone_codes')
      .where({ case_code: code })
      .where('ends_at', '>', at)
      .where('tries', '<', mostTries)
      .increment('tries', 1)
      .returning<{ hash: Buffer }[]>('hash');
    if (!kept || !timingSafeEqual(kept.hash, hash)) return false;
    await trx('phone_codes').where({ case_code: code }).delete();
    return true;
  });
}
