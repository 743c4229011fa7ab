import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { Issuer } from '../../credentials/issuer.ts';
import { stateDocument } from '../../credentials/statement.ts';
import type { CaseFile } from '../../records/case-file.ts';
import type { Database } from '../../records/db.ts';
import { Decision } from '../../records/decision.ts';
import { enterDocument, findIssued, type DocumentKey, type IssuedRecord } from '../../records/documents.ts';
import { daysBefore, localDay } from '../../records/local-day.ts';
import type { ObjectStore } from '../../records/objects.ts';
import type { Derivation } from '../../workflows/engine/legal-clock.ts';
import { sayDerivation } from '../../workflows/engine/legal-clock-words.ts';
import type { Keystore } from './keystore.ts';
import type { DocumentRequest, Renderer, Stamp } from './render.ts';
import type { Signer } from './sign.ts';
import type { Signing } from './signing.ts';
import type { Attachment, Source } from './sources.ts';

/** What documents say of a procedure. */
export interface ProcedureTexts {
  title: { vi: string; en: string };
  limit: string;
  legalBasis: readonly string[];
  /** Titles of papers by kind and of fields by JSON Pointer. */
  names: Readonly<Record<string, { vi: string; en: string }>>;
  /** Its results by their names. */
  documents: Readonly<Record<string, ResultTexts>>;
  application: z.ZodObject;
}

/** What is fixed about a kind of result. */
export interface ResultTexts {
  title: { vi: string; en: string };
  template: string;
  register: string;
  numbered?: 'by-year';
  gathers?: Source;
  holder?: string;
  public?: true;
  validUntil?: (file: { issuedOn: string; answers: Readonly<Record<string, unknown>> }) => string;
}

/** What issuing documents needs from outside. */
export interface DocumentDependencies {
  db: Database;
  clock: Clock;
  objects: ObjectStore;
  keystore: Keystore;
  signing: Signing;
  issuer: Issuer;
  renderer: Renderer;
  /** Where citizens reach Motcua; printed as the address behind the QR code. */
  publicUrl: string;
  /** The catalogue: procedures by their id. */
  procedures: ReadonlyMap<string, ProcedureTexts>;
}

/** Who signs, in the order of the law: the person first, then the agency's seal. */
export interface SigningParty {
  capacity: 'person' | 'agency';
  name: string;
  title: string;
  signer: Signer;
}

/** What a document shows of itself. */
type Shown = Pick<Delivery, 'key' | 'file' | 'at' | 'title' | 'registerNumber' | 'signatory'>;

/** What is rendered, signed, stored and entered under one business key. */
export interface Delivery {
  key: DocumentKey;
  file: CaseFile;
  at: Date;
  template: string;
  title: { vi: string; en: string };
  registerNumber: string | null;
  parties: SigningParty[];
  data: Record<string, unknown>;
  /** What a later correction is made from; nothing for letters. */
  kept?: Record<string, unknown>;
  signatory: { name: string; title: string } | null;
  /** A document that is shown within this one. */
  enclosed?: DocumentRequest['enclosed'];
  /** Files attached beside the decision. */
  attachments?: Attachment[];
}

/**
 * Renders, signs and stores a document and enters it once for its business key; what has been entered is
 * given back as it is, whatever was rendered meanwhile.
 */
export async function deliver(deps: DocumentDependencies, delivery: Delivery): Promise<IssuedRecord> {
  const issued = await findIssued(deps.db, delivery.key);
  if (issued) return issued;
  const id = randomUUID();
  const { file, at, parties } = delivery;
  const validUntil = lastDay(deps, { document: delivery.key.document, file, at });
  const document = { ...(await shownOf(deps, delivery, id)), validUntil };
  const data = templateData(deps, delivery, document);
  const rendered = await deps.renderer.render({
    template: delivery.template,
    data,
    decision: decisionOf(deps, delivery, document),
    title: `${delivery.title.vi} ${delivery.registerNumber ?? file.code}`,
    language: 'vi',
    id,
    at,
    signatures: parties.length,
    enclosed: delivery.enclosed,
    attachments: delivery.attachments,
    stamps: stampsOf(parties, at),
  });
  const { pdf, level, augmentDue } = await deps.signing.sign(
    rendered,
    parties.map(({ signer, name, capacity }) => ({
      signer,
      reason: capacity === 'person' ? delivery.title.vi : `Đóng dấu cơ quan: ${delivery.title.vi}`,
      at,
      name,
    })),
  );
  const stored = await deps.objects.put(pdf);
  return enterDocument(deps.db, delivery.key, {
    id,
    registerNumber: delivery.registerNumber,
    title: delivery.title,
    sha256: stored.sha256,
    size: stored.size,
    level,
    augmentDue,
    signers: parties.map(({ name, title, capacity }) => ({ name, title, capacity })),
    data: delivery.kept ?? null,
    template: deps.renderer.versionOf(delivery.template),
    validity: validUntil ? { until: validUntil, remindOn: daysBefore(validUntil, reminderDays) } : undefined,
    at,
  });
}

/** How a document names itself in its page and its QR code. */
export async function shownOf(
  { issuer, publicUrl, procedures }: DocumentDependencies,
  { key, file, at, title, registerNumber: number, signatory }: Shown,
  id: string,
): Promise<{ id: string; number: string | null; date: string; verifyUrl: string; statement: string }> {
  const facts = procedures.get(file.procedure)?.documents[key.document];
  const answer = facts?.holder;
  // What everybody may read is issued to nobody; its paper names the case.
  const holder = facts?.public ? file.code : answer ? file.answers[answer] : file.applicant['fullName'];
  const statement = await stateDocument(issuer, {
    id,
    number,
    title: title.vi,
    agency: file.agency.name.vi,
    signatory: signatory?.name,
    holder: z.string().parse(holder),
    at,
  });
  return { id, number, date: at.toISOString(), verifyUrl: `${publicUrl}/verify/${id}`, statement };
}

/** Gives the last day (ISO date, local) of a result that is not issued for good. */
export function lastDay(
  { procedures }: Pick<DocumentDependencies, 'procedures'>,
  { document, file, at }: { document: string } & Pick<Delivery, 'file' | 'at'>,
): string | undefined {
  const { validUntil } = procedures.get(file.procedure)?.documents[document] ?? {};
  return validUntil?.({ issuedOn: localDay(at), answers: file.answers });
}

/** How long before the end of a result its holder is told. */
const reminderDays = 30;

const stampLabels = { person: 'Ký bởi', agency: 'Cơ quan' };

/** What the page shows of those who sign at an instant. */
export const stampsOf = (parties: Pick<SigningParty, 'capacity' | 'name' | 'title'>[], at: Date): Stamp[] =>
  parties.map(({ capacity, name, title }) => ({ label: stampLabels[capacity], name, title, at }));

/** Time limits in the words of a form: `7wd` is 07 ngày làm việc, `0wd` the same working day. */
function limitInWords(limit: string): string {
  if (limit === '0wd') return 'trong ngày làm việc';
  const units: Record<string, string> = {
    wh: 'giờ làm việc',
    wd: 'ngày làm việc',
    d: 'ngày',
    m: 'tháng',
    h: 'giờ',
    min: 'phút',
  };
  const [, count = '', unit = ''] = /^(\d+)(\D+)$/.exec(limit) ?? [];
  return `${count.padStart(2, '0')} ${units[unit] ?? unit}`;
}

/** The shape that every template of templates/documents and templates/letters may use. */
export function templateData(
  deps: Pick<DocumentDependencies, 'procedures' | 'publicUrl'>,
  delivery: Pick<Delivery, 'file' | 'signatory' | 'data'>,
  document: Record<string, unknown>,
) {
  const { file } = delivery;
  const { residence, ...applicant } = file.applicant;
  const procedure = deps.procedures.get(file.procedure);
  if (!procedure) throw new Error(`this code has no procedure ${file.procedure}`);
  const names = Object.fromEntries(Object.entries(procedure.names).map(([what, name]) => [what, name.vi]));
  return {
    case: {
      code: file.code,
      filedAt: file.filedAt,
      acceptedAt: file.acceptedAt,
      dueAt: file.dueAt,
      procedureTitle: procedure.title.vi,
      procedureCode: file.procedureCode,
      limit: limitInWords(file.limit ?? procedure.limit),
      channel: file.channel,
      derivation: file.dueDerivation ? sayDerivation(file.dueDerivation as Derivation, 'vi') : '',
    },
    papers: papersOf(file, names),
    fees: file.fees,
    withdrawal: file.withdrawal,
    names,
    agency: {
      code: file.agency.code,
      name: file.agency.name.vi,
      place: file.agency.place,
      parentName: file.agency.parentName?.vi ?? '',
      address: file.agency.address ?? '',
      phone: file.agency.phone ?? '',
      hotline: file.agency.hotline ?? '',
      web: file.agency.web ?? deps.publicUrl,
    },
    applicant: {
      ...applicant,
      address: residence,
    },
    representative: file.representative,
    coApplicants: file.coApplicants,
    campaign: file.campaign,
    answers: file.answers,
    document,
    signatory: delivery.signatory,
    seal: { agencyName: file.agency.name.vi },
    data: { legalBasis: procedure.legalBasis, ...delivery.data },
  };
}

/** The papers by kind, with how many of each were seen in the original and so on; what came online is a copy. */
function papersOf({ papers }: CaseFile, names: Record<string, string>) {
  const of = (kind: string, ...brought: CaseFile['papers'][number]['brought'][]) =>
    papers.filter((paper) => paper.kind === kind && brought.includes(paper.brought)).length || '';
  return [...new Set(papers.map(({ kind }) => kind))].map((kind) => ({
    title: names[kind] ?? kind,
    originals: of(kind, 'original'),
    certified: of(kind, 'certified'),
    copies: of(kind, 'copy', null),
  }));
}

/** The decision as data, attached to the PDF: what machines read instead of the page. */
function decisionOf(
  { procedures }: Pick<DocumentDependencies, 'procedures'>,
  { key, file, title, registerNumber, data, at }: Delivery,
  document: { id: string },
): Decision {
  const procedure = procedures.get(file.procedure);
  const isPublic = procedure?.documents[key.document]?.public === true;
  return Decision.parse({
    schema: 'motcua/decision/1',
    id: document.id,
    case: file.code,
    procedure: { id: file.procedure, code: file.procedureCode },
    document: { kind: key.document, number: registerNumber, title },
    agency: { code: file.agency.code, name: file.agency.name },
    issuedAt: at.toISOString(),
    applicant: isPublic ? {} : file.applicant,
    answers: isPublic && procedure ? impersonal(procedure, file.answers) : file.answers,
    findings: data,
  });
}

/** The answers that are about nobody. */
function impersonal(
  { application }: ProcedureTexts,
  answers: Record<string, unknown>,
): Record<string, unknown> {
  const shape = application.shape as Record<string, z.ZodType | undefined>;
  return Object.fromEntries(
    Object.entries(answers).filter(([name]) => shape[name] && !shape[name].meta()?.['personal']),
  );
}
