import { Router } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { listTasks } from '../../records/inbox.ts';
import { sendPage } from '../page.ts';
import { performer } from '../words.ts';

const Query = z.object({
  claimed: z.enum(['me', 'none', '']).catch('').default(''),
  cursor: z.string().max(200).optional(),
});
const perPage = 50;

/** What an officer can do now, the most urgent first. */
export function inbox(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  router.get('/inbox', may('read', 'inbox'), async (req, res) => {
    const actor = actorIn(req);
    const language = languageOf(req);
    const { claimed, cursor } = checkAddress(req, Query, req.query);
    const asked = { at: clock.now(), limit: perPage, cursor, claimed: claimed || undefined };
    const { items, next } = await listTasks(db, actor, asked);
    sendPage(req, res, 'officer/inbox', {
      title: { vi: 'Việc cần làm', en: 'Inbox' },
      wide: true,
      items: items.map((item) => {
        const procedure = procedures.get(item.procedure);
        return {
          id: item.id,
          code: item.case,
          title: procedure?.tasks[item.task]?.title[language] ?? item.task,
          procedure: procedure?.title[language] ?? item.procedure,
          role: performer(item.role)[language],
          deadline: item.deadline,
          overdue: item.overdue,
          claimedBy: item.claimedBy?.name,
          principal: item.for?.name,
        };
      }),
      none: items.length === 0,
      claimed,
      next: next ? `/inbox?${new URLSearchParams({ claimed, cursor: next }).toString()}` : '',
    });
  });

  return router;
}
