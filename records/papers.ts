import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { mayReadCase } from './policy.ts';
import { Refusal } from './refusal.ts';

/** A paper handed in: its kind and the upload that holds it. */
export interface GivenPaper {
  kind: string;
  upload: string;
  /** How it was shown at the counter. */
  brought?: 'original' | 'certified' | 'copy' | undefined;
}

/**
 * Attaches uploads of their owner to a case, after the papers that it has.
 *
 * @param owner who must have uploaded them; null for papers that another case of the applicant has already
 *
 * @throws Refusal `unknown-upload` naming the paper, when an upload does not exist or is somebody else's
 */
export async function attachPapers(
  trx: Transaction,
  { code, owner, papers, at }: { code: string; owner: string | null; papers: GivenPaper[]; at: Date },
): Promise<void> {
  if (papers.length === 0) return;
  if (owner !== null) await mustOwn(trx, owner, papers);
  const last = await trx('case_papers')
    .where({ case_code: code })
    .max({ number: 'number' })
    .first<{ number: number | null } | undefined>();
  const first = (last?.number ?? 0) + 1;
  await trx('case_papers').insert(
    papers.map(({ kind, upload, brought }, index) => ({
      case_code: code,
      number: first + index,
      kind,
      upload_id: upload,
      brought: brought ?? null,
      added_at: at,
    })),
  );
}

/**
 * Checks that papers are uploads of whoever hands them in.
 *
 * @param at JSON Pointer of a paper by its place in the list
 * @throws Refusal `unknown-upload` naming each that is not
 */
export async function mustOwn(
  trx: Transaction,
  owner: string,
  papers: { upload: string }[],
  at = (index: number) => `/papers/${index}/upload`,
): Promise<void> {
  const owned = await trx<{ id: string; owner_sub: string }>('uploads')
    .whereRaw('id = ANY(?)', [papers.map((paper) => paper.upload)])
    .where('owner_sub', owner)
    .select('id');
  const known = new Set(owned.map((upload) => upload.id));
  const unknown = papers.flatMap(({ upload }, index) =>
    known.has(upload)
      ? []
      : [
          {
            pointer: at(index),
            detail: 'Chưa tải tệp này lên · This file was not uploaded by you',
          },
        ],
  );
  if (unknown.length > 0) throw new Refusal('unknown-upload', 'Tệp không có · Unknown files', unknown);
}

/** A paper's file in the object store. */
export interface PaperFile {
  sha256: string;
  mediaType: string;
  fileName: string;
  size: number;
}

/**
 * Finds a paper for somebody who may read its case.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function findPaper(
  db: Database,
  actor: Actor,
  { code, number, at }: { code: string; number: number; at: Date },
): Promise<PaperFile> {
  await mayReadCase(db, actor, code, at);
  const paper = await db('case_papers')
    .where({ case_code: code, number })
    .first<{ upload_id: string } | undefined>('upload_id');
  const file = paper && (await paperFile(db, paper.upload_id));
  if (!file) throw new Refusal('not-found', 'Không có giấy tờ này · There is no such paper');
  return file;
}

/** Finds the file of an upload, whoever asks: the caller has asked the policy. */
export const paperFile = (db: Database, upload: string): Promise<PaperFile | undefined> =>
  db('uploads')
    .where({ id: upload })
    .first<PaperFile | undefined>('sha256', 'media_type as mediaType', 'file_name as fileName', 'size');
