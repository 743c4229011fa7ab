import { performerOf, loadCaseFile } from '../../records/case-file.ts';
import { findCorrected, supersede, takeRegisterNumber } from '../../records/documents.ts';
import { deliver, type DocumentDependencies } from './deliver.ts';

/** A document that decides a case: (case, document, number) is its business key. */
export interface IssueRequest {
  case: string;
  document: string;
  number: number;
  /** The workflow's instant (ISO 8601): the legal date of the document and of its signatures. */
  at: string;
  facts: {
    title: { vi: string; en: string };
    template: string;
    register: string;
    numbered?: 'by-year';
    signedBy: string;
    holder?: string;
  };
  data: Record<string, unknown>;
  /** Id of the result that this one corrects: it has that one's data and takes its place. */
  corrects?: string;
}

/** What the story learns of an issued document. */
export interface IssuedDocument {
  id: string;
  registerNumber: string;
}

/** Year in Vietnam, which keeps +07:00 all year. */
const localYear = (at: Date) => new Date(at.getTime() + 7 * 3_600_000).getUTCFullYear();

/** Makes the activity that numbers, renders, signs and enters a decision; each step happens once for its business key. */
export function createIssue(deps: DocumentDependencies) {
  return async function issue(request: IssueRequest): Promise<IssuedDocument> {
    const at = new Date(request.at);
    const key = { caseCode: request.case, document: request.document, number: request.number };
    const [wrong, file, person] = await Promise.all([
      request.corrects ? findCorrected(deps.db, request.corrects) : undefined,
      loadCaseFile(deps.db, request.case),
      performerOf(deps.db, request.case, request.facts.signedBy),
    ]);
    if (!person) throw new Error(`nobody has performed ${request.facts.signedBy} in ${request.case}`);
    const [personSigner, sealSigner] = await Promise.all([
      deps.keystore.person(person.sub),
      deps.keystore.seal(file.agency.code),
    ]);
    const book = { agency: file.agency.code, kind: request.facts.register, year: localYear(at) };
    const number = await takeRegisterNumber(deps.db, key, book, at);
    const registerNumber =
      request.facts.numbered === 'by-year'
        ? `${number}/${book.year}`
        : `${String(number).padStart(2, '0')}/${request.facts.register}-${file.agency.abbreviation}`;
    const signatory = { name: person.name, title: person.title ?? '' };
    const issued = await deliver(deps, {
      key,
      file,
      at,
      template: `documents/${request.facts.template}`,
      title: request.facts.title,
      registerNumber,
      signatory,
      holder: request.facts.holder,
      parties: [
        { capacity: 'person', ...signatory, signer: personSigner },
        { capacity: 'agency', name: file.agency.name.vi, title: '', signer: sealSigner },
      ],
      data: wrong ? { ...wrong.data, replaces: wrong.replaces } : request.data,
      kept: wrong?.data ?? request.data,
    });
    if (wrong) await supersede(deps.db, wrong.id, issued.id);
    return { id: issued.id, registerNumber };
  };
}
