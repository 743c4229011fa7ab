import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { mayReadCase } from './policy.ts';
import { Refusal } from './refusal.ts';

/** A paper handed in: its kind and the upload that holds it. */
export interface GivenPaper {
  kind: string;
  upload: string;
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
  if (owner !== null) await checkOwner(trx, owner, papers);
  const last = await trx('case_papers')
    .where({ case_code: code })
    .max({ number: 'number' })
    .first<{ number: number | null } | undefined>();
  const first = (last?.number ?? 0) + 1;
  await trx('case_papers').insert(
    papers.map(({ kind, upload }, index) => ({
      case_code: code,
      number: first + index,
      kind,
      upload_id: upload,
      added_at: at,
    })),
  );
}

async function checkOwner(trx: Transaction, owner: string, papers: GivenPaper[]): Promise<void> {
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
            pointer: `/papers/${index}/upload`,
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
  code: string,
  number: number,
): Promise<PaperFile> {
  await mayReadCase(db, actor, code);
  const row = await db('case_papers')
    .join('uploads', 'uploads.id', 'case_papers.upload_id')
    .where({ case_code: code, number })
    .first<{ sha256: string; media_type: string; file_name: string; size: number } | undefined>(
      'sha256',
      'media_type',
      'file_name',
      'size',
    );
  if (!row) throw new Refusal('not-found', 'Không có giấy tờ này · There is no such paper');
  return { sha256: row.sha256, mediaType: row.media_type, fileName: row.file_name, size: row.size };
}
