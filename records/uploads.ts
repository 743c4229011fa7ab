import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import type { StoredObject } from './objects.ts';
import { Refusal } from './refusal.ts';

/** A file that somebody handed in; it belongs to a case only once an act refers to it. */
export interface Upload extends StoredObject {
  id: string;
  mediaType: string;
  fileName: string;
}

interface UploadRow {
  id: string;
  owner_sub: string;
  sha256: string;
  size: number;
  media_type: string;
  file_name: string;
}

const uploadOf = (row: UploadRow): Upload => ({
  id: row.id,
  sha256: row.sha256,
  size: row.size,
  mediaType: row.media_type,
  fileName: row.file_name,
});

/** Records a stored file as its owner's upload. */
export async function addUpload(
  db: Database | Transaction,
  owner: Actor,
  upload: Omit<Upload, 'id'>,
  at: Date,
): Promise<Upload> {
  const row: UploadRow & { created_at: Date } = {
    id: randomUUID(),
    owner_sub: owner.sub,
    sha256: upload.sha256,
    size: upload.size,
    media_type: upload.mediaType,
    file_name: upload.fileName,
    created_at: at,
  };
  await db('uploads').insert(row);
  return uploadOf(row);
}

/** Counts what a person has uploaded since an instant. */
export async function countUploads(db: Database | Transaction, owner: Actor, since: Date): Promise<number> {
  const [row] = await db('uploads')
    .where({ owner_sub: owner.sub })
    .andWhere('created_at', '>', since)
    .count<{ count: string | number }[]>({ count: '*' });
  return Number(row?.count ?? 0);
}

/**
 * Finds a person's own upload.
 *
 * @throws Refusal `not-found`, or `not-yours` when somebody else uploaded it
 */
export async function findUpload(db: Database | Transaction, actor: Actor, id: string): Promise<Upload> {
  const row = await db<UploadRow>('uploads').where({ id }).first();
  if (!row) throw new Refusal('not-found', 'Không có tệp này · There is no such upload');
  if (row.owner_sub !== actor.sub)
    throw new Refusal('not-yours', 'Tệp của người khác · This upload is somebody else’s');
  return uploadOf(row);
}
