import { Router, type Request } from 'express';
import { z } from 'zod';
import { signedIn } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { decideOnPhoto, PhotoReview } from '../../api/photos.ts';
import { CaseCode } from '../../api/schemas.ts';
import { photoToReview } from '../../records/photos.ts';
import { assetAddress } from '../assets.ts';
import { tellNext } from '../flash.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';

const Path = z.object({ code: CaseCode, number: z.coerce.number().int().min(1).max(100_000) });
const sides = ['x', 'y', 'width', 'height'] as const;
/** Rows of the form where there is no script; with one, rectangles are drawn and rows added. */
const rows = 4;

/** An officer looks at a photo before it is public: marks what must not be recognised, or withholds it. */
export function photoReviews(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/cases/:code/photos/:number', signedIn, async (req, res) => {
    const { code, number } = checkAddress(req, Path, req.params);
    const photo = await photoToReview(db, actorIn(req), { code, number, at: clock.now() });
    const language = languageOf(req);
    const given = photo.review?.regions ?? [];
    sendPage(req, res, 'reports/photo', {
      title: { vi: `Ảnh ${number} của ${code}`, en: `Photo ${number} of ${code}` },
      wide: true,
      code,
      number,
      ratio: `${photo.width} / ${photo.height}`,
      src: `/api/v1/cases/${code}/papers/${number}?show=inline`,
      decided: photo.review && {
        public: photo.review.public,
        by: photo.review.by,
        at: photo.review.at.toISOString(),
      },
      regions: Array.from({ length: Math.max(rows, given.length + 1) }, (_, index) => ({
        index,
        label: language === 'vi' ? `Vùng ${index + 1}` : `Region ${index + 1}`,
        ...Object.fromEntries(sides.map((side) => [side, given[index]?.[side] ?? ''])),
      })),
      scripts: [assetAddress('blur.js')],
      back: `/cases/${code}`,
    });
  });

  router.post('/cases/:code/photos/:number', signedIn, formPost, async (req, res) => {
    const { code, number } = checkAddress(req, Path, req.params);
    const isPublic = bodyOf(req)['decision'] === 'public';
    const review = checkForm(req, PhotoReview, { public: isPublic, regions: regionsIn(req) });
    await act(deps, req, async (by) => {
      await decideOnPhoto(deps, by, { code, number, ...review });
      return { status: 204, body: null };
    });
    await tellNext(
      req,
      isPublic
        ? { vi: 'Ảnh đã công khai.', en: 'The photo is public.' }
        : { vi: 'Ảnh không công khai.', en: 'The photo is withheld.' },
    );
    res.redirect(303, `/cases/${code}/photos/${number}`);
  });

  return router;
}

/** Rectangles as they were filled in; a row without all of its numbers is none. */
function regionsIn(req: Request): Record<string, number>[] {
  const body = bodyOf(req);
  const column = (side: string) => [body[side] ?? []].flat();
  const columns = sides.map((side) => [side, column(side)] as const);
  const count = Math.max(...columns.map(([, values]) => values.length));
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      columns.map(([side, values]) => [side, Number((values[row] ?? '').replace(',', '.') || NaN)]),
    ),
  ).filter((region) => Object.values(region).every(Number.isFinite));
}
