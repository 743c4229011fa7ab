import { rm } from 'node:fs/promises';
import sharp from 'sharp';
import type { ObjectStore, StoredObject } from '../records/objects.ts';
import { isCleaned, keepCleaned, type Region } from '../records/photos.ts';
import { Refusal } from '../records/refusal.ts';
import type { Deps } from './deps.ts';

/** Longest sides in pixels: enough to see what is wrong, too little to read a plate from afar. */
const sides = { picture: 2_000, small: 400 };
/** A picture that claims to be larger would only fill the memory. */
const mostPixels = 80_000_000;

const open = (bytes: Buffer) => sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error' });
const fit = (side: number) =>
  ({ width: side, height: side, fit: 'inside', withoutEnlargement: true }) as const;

/** Drawn anew from its pixels, upright: nothing that the camera wrote beside them is left, no place, no time, no name. */
const drawnAnew = (bytes: Buffer, side: number) =>
  open(bytes)
    .rotate()
    .resize(fit(side))
    .jpeg({ quality: 82, mozjpeg: true })
    .toBuffer({ resolveWithObject: true });

const notAPicture = () =>
  new Refusal(
    'wrong-file-type',
    'Tệp này không phải ảnh đọc được · This file is no picture that can be read',
  );

/**
 * Cleans an upload that is to be a photo: what is kept is drawn anew and small enough, and the file that came is removed.
 * Done again, nothing happens.
 *
 * @throws Refusal `wrong-file-type` for what is no picture
 */
export async function cleanPhoto(
  { db, objects }: Pick<Deps, 'db' | 'objects'>,
  upload: { id: string; sha256: string; mediaType: string },
): Promise<void> {
  if (await isCleaned(db, upload.id)) return;
  if (!upload.mediaType.startsWith('image/')) throw notAPicture();
  const came = await objects.read(upload.sha256);
  const [picture, small] = await Promise.all([
    drawnAnew(came, sides.picture),
    drawnAnew(came, sides.small),
  ]).catch(() => {
    throw notAPicture();
  });
  const { width, height } = picture.info;
  const stored = { picture: await objects.put(picture.data), small: await objects.put(small.data) };
  const left = await keepCleaned(db, upload.id, { ...stored, width, height });
  if (left) await objects.remove(left);
}

/**
 * Makes regions of a photo unrecognisable: each is drawn from a few of its own pixels, so that nothing can be got back.
 *
 * @param regions in per cent of width and height
 */
export async function blurPhoto(
  objects: ObjectStore,
  sha256: string,
  regions: readonly Region[],
): Promise<{ picture: StoredObject; small: StoredObject }> {
  const bytes = await objects.read(sha256);
  const { width, height } = await open(bytes).metadata();
  const patches = await Promise.all(
    regions.map(async (region) => {
      const left = Math.floor((region.x / 100) * width);
      const top = Math.floor((region.y / 100) * height);
      const box = {
        left,
        top,
        width: Math.max(1, Math.min(width - left, Math.ceil((region.width / 100) * width))),
        height: Math.max(1, Math.min(height - top, Math.ceil((region.height / 100) * height))),
      };
      const coarse = await open(bytes).extract(box).resize(6, 6, { fit: 'fill' }).toBuffer();
      const patch = await sharp(coarse)
        .resize(box.width, box.height, { fit: 'fill', kernel: 'nearest' })
        .png()
        .toBuffer();
      return { input: patch, left, top };
    }),
  );
  const whole = await open(bytes).composite(patches).jpeg({ quality: 82, mozjpeg: true }).toBuffer();
  const small = await drawnAnew(whole, sides.small);
  return { picture: await objects.put(whole), small: await objects.put(small.data) };
}

/** Removes a file that was received and is not kept. */
export const dropReceived = (path: string | undefined) =>
  path ? rm(path, { force: true }) : Promise.resolve();
