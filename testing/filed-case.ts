import { openCaseKeys } from '../codec/index.ts';
import type { Database } from '../records/db.ts';
import { fileApplication } from '../records/cases.ts';
import { queueMessage } from '../records/outbox.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { applicant, streetLight } from './street-light.ts';

/** The master key of tests. */
export const masterKey = Buffer.alloc(32, 7).toString('base64');

/**
 * Files a report of a broken street light straight into the database, as the API would; gives the case code.
 *
 * @param edition what governs it instead, with a form like that of the street light
 */
export async function fileLight(
  db: Database,
  at: Date,
  edition: Procedure & { id: string } = { ...streetLight, id: 'streetLight' },
): Promise<string> {
  const filing = {
    actor: { sub: 'an', name: applicant.fullName, roles: ['citizen' as const] },
    at,
    procedure: edition,
    agency: 'H29.16',
    applicant,
    answers: { pole: 'VT-17', witnesses: [{ fullName: 'Trần Thị Bình' }] },
    publicAnswers: { pole: 'VT-17' },
    papers: [],
    wrappedKey: openCaseKeys(db, masterKey).wrapNew(),
  };
  const { code } = await db.transaction((trx) => fileApplication(trx, filing));
  return code;
}

/** Commits an act of a case as the API does, as far as the relay sees it. */
export async function actOn(db: Database, code: string, at: Date): Promise<void> {
  const message = JSON.stringify({ kind: 'act', act: { task: 'repair', number: 1, answer: {} } });
  const counted = 'UPDATE cases SET last_act = last_act + 1 WHERE code = :code RETURNING code, last_act';
  await db.raw(`WITH changed AS (${counted}), ${queueMessage}`, { code, message, at });
}
