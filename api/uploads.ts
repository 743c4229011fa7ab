import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Router, type Request, type RequestHandler } from 'express';
import { fileTypeFromFile } from 'file-type';
import multer from 'multer';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Actor } from '../records/actor.ts';
import type { ObjectStore } from '../records/objects.ts';
import { Refusal } from '../records/refusal.ts';
import { addUpload, countUploads, findUpload, type Upload } from '../records/uploads.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { TooManyRequests } from './errors.ts';
import { sendFile } from './files.ts';
import { file, json, refused } from './schemas.ts';

const megabyte = 1024 * 1024;
/** Largest file that anybody may hand in, in bytes. */
export const largestFile = 20 * megabyte;
/** A reception takes in the papers of many. */
const uploadsPerDay = { citizen: 200, officer: 3_000 };
const day = 24 * 60 * 60 * 1000;
const accepted = ['application/pdf', 'image/jpeg', 'image/png'];

const UploadView = z
  .object({
    id: z.uuid(),
    sha256: z.string(),
    size: z.int(),
    mediaType: z.enum(accepted),
    fileName: z.string(),
  })
  .meta({ id: 'Upload' });
const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/uploads': {
    post: {
      summary: `Hand in a file (PDF, JPEG or PNG, at most ${largestFile / megabyte} MB); an act then refers to its id`,
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object',
              required: ['file'],
              properties: { file: { type: 'string', format: 'binary' } },
            },
          },
        },
      },
      responses: { 201: json('Kept', UploadView), default: refused },
    },
  },
  '/api/v1/uploads/{id}/content': {
    get: {
      summary: 'Get back a file that you handed in',
      requestParams: { path: Path },
      responses: { 200: file('The file', ...accepted), default: refused },
    },
  },
};

/** Files on their way into a case. */
export function uploads(deps: Pick<Deps, 'db' | 'clock' | 'objects'>): Router {
  const { db, clock, objects } = deps;
  const router = Router();

  router.post('/api/v1/uploads', signedIn, withinDailyLimit(deps), receiveFile(objects), async (req, res) => {
    const { path, originalname } = fileOf(req);
    const file = { path, name: originalname };
    const added = await keepFile(deps, actorIn(req), file, clock.now());
    res.status(201).location(`/api/v1/uploads/${added.id}/content`).json(UploadView.parse(added));
  });

  router.get('/api/v1/uploads/:id/content', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { id } = checkAddress(req, Path, req.params);
    await sendFile(res, objects, await findUpload(db, actor, id), 'attachment');
  });

  return router;
}

/** Lets through who has not handed in more files today than one person can need. */
export function withinDailyLimit({ db, clock }: Pick<Deps, 'db' | 'clock'>): RequestHandler {
  return async (req, _res, next) => {
    const since = new Date(clock.now().getTime() - day);
    const actor = actorIn(req);
    const most = uploadsPerDay[actor.agency ? 'officer' : 'citizen'];
    if ((await countUploads(db, actor, since)) >= most)
      throw new TooManyRequests(`Tối đa ${most} tệp một ngày · At most ${most} files a day`);
    next();
  };
}

/**
 * Keeps a file that has arrived as its owner's upload; it is removed from where it was received.
 *
 * @throws Refusal `wrong-file-type`
 */
export async function keepFile(
  { db, objects }: Pick<Deps, 'db' | 'objects'>,
  owner: Actor,
  { path, name }: { path: string; name: string },
  at: Date,
): Promise<Upload> {
  try {
    const mediaType = await acceptedType(path);
    const object = await objects.adopt(path);
    return await addUpload(db, owner, { ...object, mediaType, fileName: plainName(name) }, at);
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * Takes the one file of a multipart body into the store's quarantine, never more than the largest size.
 *
 * @param fields how many texts may come with it
 */
export function receiveFile(objects: ObjectStore, fields = 0): RequestHandler {
  const storage = multer.diskStorage({
    destination: objects.quarantine,
    filename: (_req, _file, name) => name(null, randomUUID()),
  });
  const limits = { fileSize: largestFile, files: 1, fields, headerPairs: 20 };
  return multer({ storage, limits, defParamCharset: 'utf8' }).single('file');
}

/**
 * Takes several files of the field `photos` into the store's quarantine, with what was filled in beside them.
 *
 * @param most how many files
 */
export function receiveFiles(objects: ObjectStore, most: number, fields: number): RequestHandler {
  const storage = multer.diskStorage({
    destination: objects.quarantine,
    filename: (_req, _file, name) => name(null, randomUUID()),
  });
  const limits = { fileSize: largestFile, files: most, fields, headerPairs: 20 };
  return multer({ storage, limits, defParamCharset: 'utf8' }).array('photos', most);
}

/**
 * Gives the file that {@link receiveFile} took.
 *
 * @throws Refusal `invalid-request` when the body had none
 */
export function fileOf(req: Request): Express.Multer.File {
  if (!req.file)
    throw new Refusal(
      'invalid-request',
      'Gửi một tệp trong trường "file" · Send one file in the field "file"',
    );
  return req.file;
}

/** Tells the type by the first bytes: a name or a header says what the sender wishes. The content is not parsed. */
async function acceptedType(path: string): Promise<string> {
  const type = await fileTypeFromFile(path);
  if (!type || !accepted.includes(type.mime))
    throw new Refusal(
      'wrong-file-type',
      'Chỉ nhận tệp PDF, JPEG hoặc PNG · Only PDF, JPEG or PNG files are taken',
    );
  return type.mime;
}

/** A file name that is safe to show and to save: no folders, no control characters. */
function plainName(name: string): string {
  const base = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  return (
    base
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
      .trim()
      .slice(0, 200) || 'file'
  );
}
