import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { publicDocument } from '../records/documents.ts';
import { photosOf, photoToReview, publicPhoto, reviewPhoto } from '../records/photos.ts';
import { findReport, postsOf } from '../records/public-reports.ts';
import { mayReadInternally } from '../records/policy.ts';
import { Refusal } from '../records/refusal.ts';
import { everybody, signedIn } from './abilities.ts';
import { act, type Act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { TooManyRequests } from './errors.ts';
import { sendFile } from './files.ts';
import { limited } from './limits.ts';
import { blurPhoto, cleanPhoto, dropReceived } from './pictures.ts';
import { reporterIn, strangerHeader } from './strangers.ts';
import { countUploads, findUpload } from '../records/uploads.ts';
import { actHeader, anybody, CaseCode, Instant, json, refused } from './schemas.ts';
import { fileOf, keepFile, receiveFile } from './uploads.ts';

const percent = z.number().min(0).max(100);
export const Region = z
  .strictObject({ x: percent, y: percent, width: percent.min(0.5), height: percent.min(0.5) })
  .meta({ id: 'PhotoRegion', description: 'In per cent of width and height' });
export const PhotoReview = z
  .strictObject({
    public: z.boolean(),
    regions: z
      .array(Region)
      .max(50)
      .default([])
      .meta({ description: 'What is made unrecognisable: faces, plates' }),
  })
  .meta({ id: 'PhotoReview' });
const Photo = z
  .object({
    number: z.int(),
    kind: z.string(),
    width: z.int(),
    height: z.int(),
    review: z
      .object({ public: z.boolean(), regions: z.array(Region), by: z.string(), at: Instant })
      .nullable()
      .meta({ description: 'null: no officer has looked at it, and it is not public' }),
  })
  .meta({ id: 'CasePhoto' });
const Path = z.object({ code: CaseCode });
const PhotoPath = Path.extend({ number: z.coerce.number().int().min(1).max(100_000) });
const Size = z.object({ size: z.enum(['whole', 'small']).default('whole') });
const Kept = z.object({ id: z.uuid() }).meta({ id: 'ReportPhoto' });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/reports/photos': {
    post: {
      summary:
        'Hand in a photo for a report (JPEG or PNG); it is drawn anew, so that nothing of what the camera wrote is left',
      security: anybody,
      requestParams: { header: z.object({ [strangerHeader]: z.string().max(1_000).optional() }) },
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
      responses: { 201: json('Kept', Kept), default: refused },
    },
  },
  '/api/v1/cases/{code}/photos': {
    get: {
      summary:
        'The photos of a case that may become public, and what was decided of each; officers of the case',
      requestParams: { path: Path },
      responses: { 200: json('The photos', z.object({ items: z.array(Photo) })), default: refused },
    },
  },
  '/api/v1/cases/{code}/photos/{number}/review': {
    put: {
      summary:
        'Let a photo be public, with regions made unrecognisable, or withhold it; officers of the case',
      requestParams: { path: PhotoPath, header: actHeader },
      requestBody: { content: { 'application/json': { schema: PhotoReview } } },
      responses: { 204: { description: 'Kept' }, default: refused },
    },
  },
};

/** How many photos somebody who does not say who they are hands in a day. */
const photosADay = 30;
const day = 24 * 3_600_000;

/** Photos of reports: handed in by anybody, looked at by officers, then seen by everybody. */
export function photos(deps: Deps): Router {
  const { db, clock, objects } = deps;
  const router = Router();

  router.post(
    '/api/v1/reports/photos',
    everybody,
    limited(deps, 'report-photo'),
    receiveFile(objects),
    async (req, res) => {
      try {
        const owner = await reporterIn(deps, req);
        const { path, originalname: name } = fileOf(req);
        res.status(201).json(Kept.parse(await keepPhoto(deps, owner, { path, name })));
      } finally {
        await dropReceived(req.file?.path);
      }
    },
  );

  router.get('/api/v1/cases/:code/photos', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    await mayReadInternally(db, actorIn(req), code, clock.now());
    const items = (await photosOf(db, code)).map(({ sha256: _sha256, size: _size, review, ...photo }) => ({
      ...photo,
      review: review && { ...review, at: review.at.toISOString() },
    }));
    res.json({ items: z.array(Photo).parse(items) });
  });

  router.put('/api/v1/cases/:code/photos/:number/review', signedIn, async (req, res) => {
    const { code, number } = checkAddress(req, PhotoPath, req.params);
    const review = checkForm(req, PhotoReview, req.body);
    await act(deps, req, async (by) => {
      await decideOnPhoto(deps, by, { code, number, ...review });
      return { status: 204, body: null };
    });
    res.status(204).end();
  });

  router.get('/reports/:code/photos/:number', everybody, async (req, res) => {
    const { code, number } = checkAddress(req, PhotoPath, req.params);
    const { size } = checkAddress(req, Size, req.query);
    const found = await publicPhoto(db, code, number, size);
    if (!found) throw new Refusal('not-found', 'Không có ảnh này · There is no such photo');
    const named = { ...found, mediaType: 'image/jpeg', fileName: `${code}-${number}.jpg` };
    await sendFile(res, objects, named, 'inline');
  });

  router.get('/reports/:code/answer', everybody, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const report = await findReport(db, code);
    const answer =
      report && 'code' in report ? (await postsOf(db, code)).findLast(({ document }) => document) : undefined;
    if (!answer?.document) throw new Refusal('not-found', 'Chưa có trả lời · There is no answer yet');
    const found = await publicDocument(db, answer.document, clock.now());
    if (!found) throw new Refusal('not-found', 'Chưa có trả lời · There is no answer yet');
    const named = { ...found, mediaType: 'application/pdf', fileName: `${code}.pdf` };
    await sendFile(res, objects, named, 'inline');
  });

  return router;
}

/**
 * Keeps a picture as somebody's photo, cleaned.
 *
 * @throws Refusal `wrong-file-type`
 * @throws TooManyRequests
 */
export async function keepPhoto(
  deps: Pick<Deps, 'db' | 'objects' | 'clock'>,
  owner: Parameters<typeof countUploads>[1],
  received: { path: string; name: string },
): Promise<{ id: string }> {
  const now = deps.clock.now();
  if ((await countUploads(deps.db, owner, new Date(now.getTime() - day))) >= photosADay && !owner.agency)
    throw new TooManyRequests(`Tối đa ${photosADay} ảnh một ngày · At most ${photosADay} photos a day`);
  const upload = await keepFile(deps, owner, received, now);
  await cleanPhoto(deps, upload);
  return { id: (await findUpload(deps.db, owner, upload.id)).id };
}

/**
 * Decides on a photo of a case.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function decideOnPhoto(
  { objects }: Pick<Deps, 'objects'>,
  { trx, actor, at }: Act,
  review: { code: string; number: number } & z.infer<typeof PhotoReview>,
): Promise<void> {
  const { code, number, regions } = review;
  const photo = await photoToReview(trx, actor, { code, number, at });
  const shown = review.public ? await blurPhoto(objects, photo.sha256, regions) : undefined;
  await reviewPhoto(trx, { actor, at }, { code, number, regions, shown });
}
