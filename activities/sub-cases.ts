import { engine } from '../records/actor.ts';
import type { Filing } from '../records/cases.ts';
import type { Database } from '../records/db.ts';
import { fileSubCase, loadParent, type OpenedFrom, type StartMessage } from '../records/sub-cases.ts';

/** The task of a case that waits for a sub-case; it is the business key. */
export interface FileRequest {
  case: string;
  task: string;
  /** Name of the sub-case in the procedure's facts. */
  name: string;
  /** The workflow's instant (ISO 8601). */
  at: string;
}

/** What starts a sub-case. */
export type FiledSubCase = StartMessage;

/** Everything of a filing that the facts of the procedures say; throws where they do not fit the form. */
export type DraftSubCase = (
  parent: OpenedFrom,
  name: string,
  at: Date,
) => Omit<Filing, 'actor' | 'at' | 'wrappedKey' | 'applicantSub' | 'papersOwner'>;

/** What filing a sub-case needs. */
export interface SubCaseDependencies {
  db: Database;
  draftSubCase: DraftSubCase;
  newCaseKey: () => Buffer;
}

/** Makes the activity that files a sub-case on behalf of the applicant, once for the task that waits for it. */
export function createFile({ db, draftSubCase, newCaseKey }: SubCaseDependencies) {
  return async function file({ case: code, task, name, at }: FileRequest): Promise<FiledSubCase> {
    const parent = await loadParent(db, code);
    const instant = new Date(at);
    return fileSubCase(db, task, () => ({
      ...draftSubCase(parent, name, instant),
      actor: engine,
      applicantSub: parent.applicantSub,
      papersOwner: null,
      // What a branch issues is handed over by the case that has opened it.
      start: { receiveBy: 'online' },
      at: instant,
      wrappedKey: newCaseKey(),
    }));
  };
}
