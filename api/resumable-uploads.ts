import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server, type ServerOptions } from '@tus/server';
import { Router, type Request, type RequestHandler } from 'express';
import { Refusal, refusals } from '../records/refusal.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import type { Deps } from './deps.ts';
import { keepFile, largestFile, withinDailyLimit } from './uploads.ts';

const path = '/uploads/resumable';
/** A file of which no more has come for a day is given up. */
const patience = 24 * 60 * 60 * 1000;

/**
 * Files that come in pieces and go on where they stopped when the line was lost (the tus protocol 1.0). A whole one becomes
 * an upload of whoever sent it; its id is in the header `Upload-Kept` of the last answer.
 */
export function resumableUploads(deps: Pick<Deps, 'db' | 'clock' | 'objects'>): Router {
  const { clock, objects } = deps;
  const router = Router();
  const server = new Server({
    path,
    datastore: new FileStore({ directory: objects.quarantine, expirationPeriodInMilliseconds: patience }),
    maxSize: largestFile,
    relativeLocation: true,
    // Nobody finds, goes on with or removes a file whose name begins with somebody else's mark.
    namingFunction: (asked) => `${ownerMark(requestOf(asked))}${randomUUID()}`,
    async onUploadFinish(asked, upload) {
      const file = {
        path: join(objects.quarantine, upload.id),
        name: upload.metadata?.['filename'] ?? 'file',
      };
      try {
        const kept = await keepFile(deps, actorIn(requestOf(asked)), file, clock.now());
        return { headers: { 'Upload-Kept': kept.id } };
      } catch (error) {
        throw error instanceof Refusal ? told(error) : error;
      } finally {
        await rm(`${file.path}.json`, { force: true });
      }
    },
  });

  const own: RequestHandler = (req, res, next) => {
    if (req.path.slice(path.length + 1).startsWith(ownerMark(req))) next();
    else res.status(404).end();
  };
  const serve: RequestHandler = (req, res) => server.handle(req, res);
  router.post(path, signedIn, withinDailyLimit(deps), serve);
  router.all(`${path}/{*rest}`, signedIn, own, serve);
  return router;
}

type Asked = Parameters<NonNullable<ServerOptions['onUploadFinish']>>[0];

/** The request as Express knows it, with who sends it. */
const requestOf = (asked: Asked) => asked.runtime?.node?.req as unknown as Request;

const ownerMark = (req: Request) =>
  `${createHash('sha256').update(actorIn(req).sub).digest('hex').slice(0, 16)}-`;

/** What the tus server answers with. */
const told = (refusal: Refusal) => ({ status_code: refusals[refusal.type], body: refusal.message });
