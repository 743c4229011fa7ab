import { type CaseFile, lastOfficer, loadCaseFile, performerOf } from '../../records/case-file.ts';
import { letterTitles } from './letter-titles.ts';
import { deliver, type DocumentDependencies, type SigningParty } from './deliver.ts';

/** The letters that the engine issues by itself. */
export type LetterForm = 'form-01' | 'form-02' | 'form-03' | 'form-04' | 'form-05' | 'transfer';

/** A letter of a case: (case, letter, number) is its business key. */
export interface LetterRequest {
  case: string;
  letter: LetterForm;
  number: number;
  /** The workflow's instant (ISO 8601). */
  at: string;
  data: Record<string, unknown>;
}

/** Whose officer stands under a letter: any of the agency, or of one role. What only the agency's seal signs names nobody. */
const officers: Partial<Record<LetterForm, { role?: string }>> = {
  'form-01': { role: 'reception' },
  'form-02': {},
  'form-03': {},
};

/**
 * Makes the function that renders a letter, seals it with the agency's seal and enters it once. Forms 01 to 03 name the
 * officer of the agency who acted last; one whose data name the task in which it was signed bears that person's signature.
 */
export function createLetter(deps: DocumentDependencies) {
  return async function letter(request: LetterRequest): Promise<void> {
    const from = request.data['from'];
    // A case that is transferred is at its new agency already; the letter is that of the old one.
    const file = await loadCaseFile(deps.db, request.case, typeof from === 'string' ? from : undefined);
    const [signer, officer, seal] = await Promise.all([
      signerOf(deps, request),
      officerOf(deps, request.letter, file),
      deps.keystore.seal(file.agency.code),
    ]);
    await deliver(deps, {
      key: { caseCode: request.case, document: request.letter, number: request.number },
      file,
      at: new Date(request.at),
      template: `letters/${request.letter}`,
      title: letterTitles[request.letter],
      registerNumber: null,
      signatory: signatoryOf(request, signer ?? officer),
      parties: [
        ...(signer ? [signer] : []),
        { capacity: 'agency', name: file.agency.name.vi, title: '', signer: seal },
      ],
      data: request.data,
    });
  };
}

/** Whose name stands under a letter; nobody's under one that should have been signed in person and was not. */
function signatoryOf({ data }: LetterRequest, who: { name: string; title?: string } | undefined) {
  const named = data['signedBy'] === null ? undefined : who;
  return { name: named?.name ?? '', title: named?.title ?? '' };
}

/** The officer of the one-stop office whom a letter names, as the one to ask. */
async function officerOf({ db }: DocumentDependencies, letter: LetterForm, { code, agency }: CaseFile) {
  const whose = officers[letter];
  return whose && lastOfficer(db, code, agency.code, whose.role);
}

/** Who signs a letter in person: whoever performed the task that its data name. */
async function signerOf(
  { db, keystore }: DocumentDependencies,
  { case: code, data }: LetterRequest,
): Promise<SigningParty | undefined> {
  const task = data['signedBy'];
  if (typeof task !== 'string') return undefined;
  const person = await performerOf(db, code, task);
  if (!person) throw new Error(`nobody has performed ${task} in ${code}`);
  const { name, title = '' } = person;
  return { capacity: 'person', name, title, signer: await keystore.person(person.sub) };
}
