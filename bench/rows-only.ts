import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { IssuedDocument, IssueRequest } from '../activities/documents/issue.ts';
import type { LetterRequest } from '../activities/documents/letters.ts';
import type { Activities } from '../activities/index.ts';
import type { Database } from '../records/db.ts';
import { enterDocument } from '../records/documents.ts';

/** Stands for rendering and signing: enters the document's row once for its business key, and nothing else. */
export function rowsOnly(db: Database): Pick<Activities, 'letter' | 'issue'> {
  const enter = (caseCode: string, document: string, number: number, at: string) => {
    const title = { vi: document, en: document };
    const row = { id: randomUUID(), registerNumber: null, title, sha256: '', size: 0, signers: [] };
    return enterDocument(db, { caseCode, document, number }, { ...row, at: new Date(at) });
  };
  return {
    async letter(request: LetterRequest) {
      const { id } = await enter(request.case, request.letter, request.number, request.at);
      return { id };
    },
    async issue(request: IssueRequest): Promise<IssuedDocument> {
      const { id } = await enter(request.case, request.document, request.number, request.at);
      return { id, registerNumber: '' };
    },
  };
}

/** Activities whose type is a verb and its object, as activities/index.ts makes them. */
export function byVerb(verbs: Activities) {
  const known = verbs as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return {
    default(...args: unknown[]): Promise<unknown> {
      const { activityType } = activityInfo();
      const activity = known[activityType.split(' ', 1)[0] ?? ''];
      if (!activity) throw new Error(`there is no activity for "${activityType}"`);
      return activity(...args);
    },
  };
}
