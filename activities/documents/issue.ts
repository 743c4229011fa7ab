import { performerOf, loadCaseFile, type CaseFile } from '../../records/case-file.ts';
import { findCorrected, supersede, takeRegisterNumber, type DocumentKey } from '../../records/documents.ts';
import { deliver, type DocumentDependencies, type SigningParty } from './deliver.ts';
import { sources, type Gathered, type Source } from './sources.ts';

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
    gathers?: Source;
  };
  data: Record<string, unknown>;
  /** Id of the result that this one corrects: it has that one's data and takes its place. */
  corrects?: string;
  /** Id of the result whose place it takes, saying what is found now. */
  supersedes?: string;
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
    const [file, person] = await Promise.all([
      loadCaseFile(deps.db, request.case),
      performerOf(deps.db, request.case, request.facts.signedBy),
    ]);
    if (!person) throw new Error(`nobody has performed ${request.facts.signedBy} in ${request.case}`);
    const issued = await issueResult(deps, {
      key: { caseCode: request.case, document: request.document, number: request.number },
      file,
      at: new Date(request.at),
      facts: request.facts,
      person,
      data: request.data,
      replaces: request.corrects ? { id: request.corrects, as: 'correction' } : undefined,
    });
    if (request.supersedes) await supersede(deps.db, request.supersedes, issued.id);
    return issued;
  };
}

/** A result, whoever has it issued. */
export interface Result {
  key: DocumentKey;
  file: CaseFile;
  at: Date;
  facts: Omit<IssueRequest['facts'], 'signedBy'>;
  /** Who signs. */
  person: Signatory;
  data: Record<string, unknown>;
  /** The result in whose place it is issued: it has that one's data. */
  replaces?: { id: string; as: 'correction' | 'reissue' } | undefined;
}

/** Numbers, renders, signs and enters a result; what it replaces is no longer in force. */
export async function issueResult(deps: DocumentDependencies, result: Result): Promise<IssuedDocument> {
  const { key, file, at, facts, person, replaces } = result;
  const old = replaces ? await findCorrected(deps.db, replaces.id) : undefined;
  const { parties, signatory } = await signatories(deps, person, file);
  const registerNumber = await takeNumber(deps, result);
  const { db, publicUrl } = deps;
  const gathered =
    facts.gathers && !old ? await sources[facts.gathers]({ db, file, publicUrl, at }) : nothing;
  const data = old?.data ?? { ...result.data, ...gathered.data };
  const issued = await deliver(deps, {
    key,
    file,
    at,
    template: `documents/${facts.template}`,
    title: facts.title,
    registerNumber,
    signatory,
    parties,
    data: old && replaces ? { ...data, replaces: { ...old.replaces, as: replaces.as } } : data,
    kept: data,
    attachments: gathered.attachments,
  });
  if (old) await supersede(deps.db, old.id, issued.id);
  return { id: issued.id, registerNumber };
}

const nothing: Gathered = { data: {}, attachments: [] };

/** Somebody who signs, by their subject at the identity provider. */
export interface Signatory {
  sub: string;
  name: string;
  title?: string | undefined;
}

/** The person, then the agency of a case with its seal. */
export async function signatories(
  { keystore }: DocumentDependencies,
  { sub, name, title = '' }: Signatory,
  { agency }: CaseFile,
): Promise<{ parties: SigningParty[]; signatory: { name: string; title: string } }> {
  const [person, seal] = await Promise.all([keystore.person(sub), keystore.seal(agency.code)]);
  const signatory = { name, title };
  return {
    signatory,
    parties: [
      { capacity: 'person', ...signatory, signer: person },
      { capacity: 'agency', name: agency.name.vi, title: '', signer: seal },
    ],
  };
}

/** Takes the number of a document in the register book of its kind, as it is written. */
export async function takeNumber(
  { db }: DocumentDependencies,
  {
    key,
    file,
    at,
    facts,
  }: Pick<Result, 'key' | 'file' | 'at'> & { facts: Pick<Result['facts'], 'register' | 'numbered'> },
): Promise<string> {
  const book = { agency: file.agency.code, kind: facts.register, year: localYear(at) };
  const number = await takeRegisterNumber(db, key, book, at);
  return facts.numbered === 'by-year'
    ? `${number}/${book.year}`
    : `${String(number).padStart(2, '0')}/${facts.register}-${file.agency.abbreviation}`;
}
