import { engine, type Actor } from './actor.ts';
import { mayReadCase } from './policy.ts';
import type { Database } from './db.ts';
import { localDay } from './local-day.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/** How long signatures prove themselves: baseline levels of PAdES (ETSI EN 319 142-1). */
export type SignatureLevel = 'B-B' | 'B-T' | 'B-LTA';

interface DocumentRow {
  id: string;
  case_code: string;
  document: string;
  number: number;
  register_number: string | null;
  title: { vi: string; en: string };
  sha256: string;
  size: number;
  signers: { name: string; title: string; capacity: 'person' | 'agency' }[];
  issued_at: Date;
  data: Record<string, unknown> | null;
  level: SignatureLevel;
  superseded_by: string | null;
  revoked_by: string | null;
  revoked_at: Date | null;
  valid_until: string | null;
  status_index: number;
}

/** An issued document or letter. */
export interface IssuedRecord {
  id: string;
  caseCode: string;
  document: string;
  registerNumber: string | null;
  title: { vi: string; en: string };
  sha256: string;
  size: number;
  signers: DocumentRow['signers'];
  level: SignatureLevel;
  issuedAt: string;
  /** The document that has taken the place of this one. */
  supersededBy: string | null;
  /** The notice that has revoked it, and when. */
  revokedBy: string | null;
  revokedAt: string | null;
  /** Its last day in force (ISO date, local); null: for good. */
  validUntil: string | null;
  /** Its place in the lists of statuses. */
  statusIndex: number;
}

const fromRow = (row: DocumentRow): IssuedRecord => ({
  id: row.id,
  caseCode: row.case_code,
  document: row.document,
  registerNumber: row.register_number,
  title: row.title,
  sha256: row.sha256,
  size: row.size,
  signers: row.signers,
  level: row.level,
  issuedAt: row.issued_at.toISOString(),
  supersededBy: row.superseded_by,
  revokedBy: row.revoked_by,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  validUntil: row.valid_until,
  statusIndex: row.status_index,
});

/** Where a document stands in its case: the business key that makes it exist once. */
export interface DocumentKey {
  caseCode: string;
  document: string;
  number: number;
}

/**
 * Takes the next number of a register book (agency, kind, year) for a document, gap-free; a document that
 * has a number keeps it, however often this is asked.
 */
export async function takeRegisterNumber(
  db: Database,
  key: DocumentKey,
  book: { agency: string; kind: string; year: number },
  at: Date,
): Promise<number> {
  const taken = { case_code: key.caseCode, document: key.document, document_number: key.number };
  return db.transaction(async (trx) => {
    // The book's row is the lock: who waits here sees the number that a twin has taken.
    await trx('register_books')
      .insert({ ...book, last: 0 })
      .onConflict()
      .ignore();
    const [{ last }] = (await trx('register_books').where(book).forUpdate().select('last')) as [
      { last: number },
    ];
    const existing = await trx<{ number: number }>('register_numbers').where(taken).first();
    if (existing) return existing.number;
    await trx('register_books')
      .where(book)
      .update({ last: last + 1 });
    await trx('register_numbers').insert({ ...book, number: last + 1, ...taken, at });
    return last + 1;
  });
}

/** Gives the document of a business key, if it has been issued. */
export async function findIssued(db: Database, key: DocumentKey): Promise<IssuedRecord | undefined> {
  const row = await db<DocumentRow>('documents')
    .where({ case_code: key.caseCode, document: key.document, number: key.number })
    .first();
  return row && fromRow(row);
}

/**
 * Enters an issued document, and the digest of its file in the record of its case; the first one of a business key stays
 * and is given back.
 */
export async function enterDocument(
  db: Database,
  key: DocumentKey,
  issued: Pick<IssuedRecord, 'id' | 'registerNumber' | 'title' | 'sha256' | 'size' | 'signers'> & {
    at: Date;
    /** Last day in force, and the day from which on its holder is reminded of it. */
    validity?: { until: string; remindOn: string } | undefined;
    level?: SignatureLevel;
    /** When the signatures must be augmented; never unless told. */
    augmentDue?: Date | null;
    data?: Record<string, unknown> | null;
    /** Version of the template that it was made of. */
    template?: string;
  },
): Promise<IssuedRecord> {
  const first = await db.transaction(async (trx) => {
    const end = await lockRecord(trx, key.caseCode);
    const [row] = await trx('documents')
      .insert({
        id: issued.id,
        case_code: key.caseCode,
        document: key.document,
        number: key.number,
        register_number: issued.registerNumber,
        title: JSON.stringify(issued.title),
        sha256: issued.sha256,
        size: issued.size,
        signers: JSON.stringify(issued.signers),
        level: issued.level ?? 'B-B',
        augment_due_at: issued.augmentDue ?? null,
        issued_at: issued.at,
        valid_until: issued.validity?.until ?? null,
        remind_on: issued.validity?.remindOn ?? null,
        data: issued.data ? JSON.stringify(issued.data) : null,
        template: issued.template ?? null,
      })
      .onConflict(['case_code', 'document', 'number'])
      .ignore()
      .returning<DocumentRow[]>('*');
    if (row) await appendEntry(trx, { case_code: key.caseCode, ...end }, issuedEntry(row));
    return row;
  });
  const entered = first ? fromRow(first) : await findIssued(db, key);
  if (!entered) throw new Error(`document ${key.document} of ${key.caseCode} was not entered`);
  return entered;
}

/** How the record tells of a document: the digest of its file ties it to the chain. */
const issuedEntry = ({ document, number, register_number, sha256, level, issued_at }: DocumentRow) => ({
  at: issued_at,
  actor: engine,
  event: 'issued',
  details: { document, number, registerNumber: register_number, sha256, level },
  reference: `issued:${document}:${number}`,
});

/** A result that was wrong, with what the one in its place is made from. */
export async function findCorrected(
  db: Database,
  id: string,
): Promise<{ id: string; data: Record<string, unknown>; replaces: { number: string; issuedAt: string } }> {
  const row = await db<DocumentRow>('documents').where({ id }).first();
  if (!row?.data) throw new Error(`there is no result ${id} to be corrected`);
  return {
    id,
    data: row.data,
    replaces: { number: row.register_number ?? '', issuedAt: row.issued_at.toISOString() },
  };
}

/** Says that a document has taken the place of another one. */
export async function supersede(db: Database, id: string, by: string): Promise<void> {
  await db('documents').where({ id }).whereNull('superseded_by').update({ superseded_by: by });
}

/**
 * Gives a document to somebody who may read its case.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function findDocument(db: Database, actor: Actor, id: string, at: Date): Promise<IssuedRecord> {
  const row = await db<DocumentRow>('documents').where({ id }).first();
  if (!row) throw new Refusal('not-found', 'Không có văn bản này · There is no such document');
  await mayReadCase(db, actor, row.case_code, at);
  return fromRow(row);
}

/** What anybody may know of a document: who issued it when, never for whom. */
export type PublicDocument = Omit<IssuedRecord, 'caseCode'> & {
  /** Neither superseded nor revoked, and not past its last day. */
  inForce: boolean;
  agency: { code: string; name: { vi: string; en: string } };
};

async function publicWhere(
  db: Database,
  where: Partial<DocumentRow>,
  at: Date,
): Promise<PublicDocument | undefined> {
  const row = await db<DocumentRow>('documents').where(where).orderBy('issued_at').first();
  if (!row) return undefined;
  const agency = await db<{ code: string; name: { vi: string; en: string } }>('agencies')
    .join('cases', 'cases.agency', 'agencies.code')
    .where('cases.code', row.case_code)
    .first<{ code: string; name: { vi: string; en: string } }>('agencies.code', 'agencies.name');
  if (!agency) return undefined;
  const { caseCode: _private, ...document } = fromRow(row);
  const { supersededBy, revokedBy, validUntil } = document;
  const over = validUntil !== null && validUntil < localDay(at);
  return { ...document, inForce: !supersededBy && !revokedBy && !over, agency };
}

/** Gives what anybody may know at an instant of a document by its id. */
export function publicDocument(db: Database, id: string, at: Date): Promise<PublicDocument | undefined> {
  return publicWhere(db, { id }, at);
}

/** Gives what anybody may know at an instant of a document by the SHA-256 of its file. */
export function documentByHash(db: Database, sha256: string, at: Date): Promise<PublicDocument | undefined> {
  return publicWhere(db, { sha256 }, at);
}
