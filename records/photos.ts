import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { appendEntry, lockRecord } from './record.ts';
import { mayReadInternally } from './policy.ts';
import { Refusal } from './refusal.ts';

/** A rectangle of a photo, in per cent of its width and height. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Stored {
  sha256: string;
  size: number;
}

/** Whether an upload was cleaned of what cameras write into pictures. */
export async function isCleaned(db: Database | Transaction, upload: string): Promise<boolean> {
  const row = await db('photos')
    .where({ upload_id: upload })
    .first<{ upload_id: string } | undefined>('upload_id');
  return row !== undefined;
}

/**
 * Puts a cleaned picture in the place of the one that was uploaded.
 *
 * @returns the file that nothing refers to any more; undefined where another upload still does
 */
export async function keepCleaned(
  db: Database,
  upload: string,
  cleaned: { picture: Stored; small: Stored; width: number; height: number },
): Promise<string | undefined> {
  return db.transaction(async (trx) => {
    const { sha256: before } = await trx('uploads')
      .where({ id: upload })
      .forUpdate()
      .first<{ sha256: string }>('sha256');
    const { picture, small, width, height } = cleaned;
    await trx('photos')
      .insert({ upload_id: upload, width, height, small_sha256: small.sha256, small_size: small.size })
      .onConflict()
      .ignore();
    await trx('uploads')
      .where({ id: upload })
      .update({ sha256: picture.sha256, size: picture.size, media_type: 'image/jpeg' });
    const other = await trx('uploads').where({ sha256: before }).first<{ id: string } | undefined>('id');
    return other || before === picture.sha256 ? undefined : before;
  });
}

/** A photo of a case as officers see it. */
export interface CasePhoto {
  number: number;
  kind: string;
  sha256: string;
  size: number;
  width: number;
  height: number;
  /** What an officer has decided; null while nobody has looked at it. */
  review: { public: boolean; regions: Region[]; by: string; at: Date } | null;
}

/** Lists the photos of a case that may become public, in their order. */
export async function photosOf(db: Database | Transaction, code: string): Promise<CasePhoto[]> {
  const rows = await db('case_papers')
    .join('uploads', 'uploads.id', 'case_papers.upload_id')
    .join('photos', 'photos.upload_id', 'case_papers.upload_id')
    .leftJoin('photo_reviews', (join) => {
      void join
        .on('photo_reviews.case_code', 'case_papers.case_code')
        .andOn('photo_reviews.number', 'case_papers.number');
    })
    .where('case_papers.case_code', code)
    .orderBy('case_papers.number')
    .select<
      (Omit<CasePhoto, 'review'> & {
        public: boolean | null;
        regions: Region[];
        by: { name: string };
        at: Date;
      })[]
    >({
      number: 'case_papers.number',
      kind: 'case_papers.kind',
      sha256: 'uploads.sha256',
      size: 'uploads.size',
      width: 'width',
      height: 'height',
      public: 'photo_reviews.public',
      regions: 'regions',
      by: 'by',
      at: 'at',
    });
  return rows.map(({ public: shown, regions, by, at, ...photo }) => ({
    ...photo,
    review: shown === null ? null : { public: shown, regions, by: by.name, at },
  }));
}

/**
 * Finds a photo of a case for an officer who may decide whether it is public.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function photoToReview(
  db: Database | Transaction,
  actor: Actor,
  { code, number, at }: { code: string; number: number; at: Date },
): Promise<CasePhoto> {
  await mayReadInternally(db, actor, code, at);
  const photo = (await photosOf(db, code)).find((each) => each.number === number);
  if (!photo) throw noPhoto();
  return photo;
}

const noPhoto = () => new Refusal('not-found', 'Không có ảnh này · There is no such photo');

/** Keeps what an officer decides of a photo; decided again, the later word counts, and the record tells both. */
export async function reviewPhoto(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  review: {
    code: string;
    number: number;
    regions: Region[];
    /** What everybody sees; undefined for a photo that is withheld. */
    shown?: { picture: Stored; small: Stored } | undefined;
  },
): Promise<void> {
  const { code, number, regions, shown } = review;
  const end = await lockRecord(trx, code);
  await trx('photo_reviews')
    .insert({
      case_code: code,
      number,
      public: shown !== undefined,
      regions: JSON.stringify(regions),
      sha256: shown?.picture.sha256 ?? null,
      size: shown?.picture.size ?? null,
      small_sha256: shown?.small.sha256 ?? null,
      small_size: shown?.small.size ?? null,
      by: JSON.stringify({ sub: actor.sub, name: actor.name }),
      at,
    })
    .onConflict(['case_code', 'number'])
    .merge();
  await appendEntry(
    trx,
    { case_code: code, ...end },
    {
      at,
      actor,
      event: 'photo-reviewed',
      details: { number, public: shown !== undefined, regions: regions.length },
      reference: `entry:${end.record_length + 1}`,
    },
  );
}

/** A photo that everybody may see. */
export interface PublicPhoto {
  number: number;
  kind: string;
}

/** Lists the photos of a case that everybody may see. */
export function publicPhotos(db: Database, code: string): Promise<PublicPhoto[]> {
  return db('photo_reviews')
    .join('case_papers', (join) => {
      void join
        .on('photo_reviews.case_code', 'case_papers.case_code')
        .andOn('photo_reviews.number', 'case_papers.number');
    })
    .where('photo_reviews.case_code', code)
    .where({ public: true })
    .orderBy('photo_reviews.number')
    .select<PublicPhoto[]>({ number: 'photo_reviews.number', kind: 'case_papers.kind' });
}

/** Finds the file of a photo that everybody may see, of a report that everybody may see. */
export async function publicPhoto(
  db: Database,
  code: string,
  number: number,
  size: 'whole' | 'small',
): Promise<Stored | undefined> {
  const columns =
    size === 'small'
      ? { sha256: 'small_sha256', size: 'small_size' }
      : { sha256: 'photo_reviews.sha256', size: 'photo_reviews.size' };
  return db('photo_reviews')
    .join('incidents', 'incidents.case_code', 'photo_reviews.case_code')
    .where('photo_reviews.case_code', code)
    .where({ number, public: true, shown: true })
    .first<Stored | undefined>(columns);
}
