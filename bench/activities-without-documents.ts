import { randomUUID } from 'node:crypto';
import type { Agencies } from '../activities/agencies/questions.ts';
import { createAsk } from '../activities/agencies/ask.ts';
import { createCaseActivities } from '../activities/cases.ts';
import { systemClock } from '../clock.ts';
import { byVerb } from '../activities/index.ts';
import { createRecount } from '../activities/recount.ts';
import type { Database } from '../records/db.ts';
import { enterDocument } from '../records/documents.ts';

/** The worker's activities without rendering and signing: of a document they enter its row once, and nothing else. */
export function activitiesWithoutDocuments(db: Database, agencies: Agencies) {
  const enter = (caseCode: string, document: string, number: number, at: string) => {
    const title = { vi: document, en: document };
    const row = { id: randomUUID(), registerNumber: null, title, sha256: '', size: 0, signers: [] };
    return enterDocument(db, { caseCode, document, number }, { ...row, at: new Date(at) });
  };
  return byVerb({
    ...createCaseActivities({
      db,
      async letter(request) {
        await enter(request.case, request.letter, request.number, request.at);
      },
    }),
    ask: createAsk({ db, agencies, clock: systemClock }),
    recount: createRecount(db),
    async issue(request) {
      const { id } = await enter(request.case, request.document, request.number, request.at);
      return { id, registerNumber: '' };
    },
  });
}
