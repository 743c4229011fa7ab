import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { mayReadCase } from '../records/policy.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import type { News } from './live-hub.ts';
import { CaseCode, file, refused } from './schemas.ts';

const Query = z.object({
  case: CaseCode.optional().meta({ description: 'A case on your screen, of which you want to hear' }),
});

/** Proxies close what is silent for a minute. */
const heartbeatMs = 20_000;
/** After so long the client must come again and show who it is: nobody listens on after signing out. */
const longestMs = 10 * 60_000;
/** How soon a client comes again. */
const retryMs = 2_000;

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/live': {
    get: {
      summary: 'News as server-sent events: which queues and cases to look at again, by their codes only',
      description:
        '`queues` (data `{"agency"}`): something changed in the queues of your agency. `case` (data `{"code"}`): your own case, or the one on your screen, changed. `refresh`: something may have been missed. The stream ends after ten minutes; come again.',
      requestParams: { query: Query },
      responses: { 200: file('News until you leave', 'text/event-stream'), default: refused },
    },
  },
};

/** News for who looks at a page. */
export function liveNews({ db, clock, live }: Pick<Deps, 'db' | 'clock' | 'live'>): Router {
  const router = Router();

  router.get('/api/v1/live', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { case: code } = checkAddress(req, Query, req.query);
    if (code !== undefined) await mayReadCase(db, actor, code, clock.now());
    const tell = ({ event, ...data }: News) =>
      void res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const leave = await live.add({ actor, code, tell, close: () => void res.end() });
    res.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'private, no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    res.write(`retry: ${retryMs}\n\n`);
    const heart = setInterval(() => void res.write(':\n\n'), heartbeatMs);
    const end = setTimeout(() => void res.end(), longestMs);
    const left = () => {
      leave();
      clearInterval(heart);
      clearTimeout(end);
    };
    // Who went while policy was asked is gone already.
    if (res.closed) left();
    else res.on('close', left);
  });

  return router;
}
