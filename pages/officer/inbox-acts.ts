import { Router, type Request } from 'express';
import { z } from 'zod';
import { may, signedIn } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { actorIn } from '../../api/auth.ts';
import { GivenBulk, tasksOfBulk } from '../../api/bulk.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { GivenFilter } from '../../api/filters.ts';
import { languageOf } from '../../api/language.ts';
import { bulkReport, submitBulk, type BulkReport } from '../../records/bulk.ts';
import { deleteFilter, renameFilter, saveFilter } from '../../records/filters.ts';
import { tasksByIds } from '../../records/tasks.ts';
import { assetAddress } from '../assets.ts';
import { tellNext } from '../flash.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf, formPost } from '../posts.ts';
import { inLanguage } from '../problems.ts';
import { addressOf } from './inbox-filter.ts';

const Path = z.object({ id: z.uuid() });

/** What officers do from their inbox: one act for the tasks that they have ticked or for a queue, and saved filters. */
export function inboxActs(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, procedures } = deps;
  const router = Router();

  router.post('/inbox/bulk', may('change', 'bulk'), formPost, async (req, res) => {
    const given = checkForm(req, GivenBulk, bulkIn(req));
    const { body } = await act(deps, req, async (by) => {
      const { tasks: asked, ...kind } = given;
      return {
        status: 202,
        body: await submitBulk(by.trx, by, { ...kind, tasks: await tasksOfBulk(by, asked) }),
      };
    });
    res.redirect(303, `/inbox/bulk/${(body as { id: string }).id}`);
  });

  router.get('/inbox/bulk/:id', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const language = languageOf(req);
    const report = await bulkReport(db, actor, idOf(req));
    const known = await tasksByIds(
      db,
      report.items.map(({ task }) => task),
    );
    sendPage(req, res, 'officer/bulk', {
      title: titles[report.act],
      ...report.counts,
      all: report.items.length,
      waits: report.counts.waiting > 0,
      items: report.items.map(({ task, state, why }) => {
        const found = known.get(task);
        return {
          id: task,
          code: found?.case,
          title: (found && procedures.get(found.procedure)?.tasks[found.task]?.title[language]) ?? task,
          claimedBy: found?.claimedBy?.name,
          state,
          why: why && inLanguage(why.detail, language),
        };
      }),
      back: '/inbox',
      live: actor.agency ? '/api/v1/live' : '',
      scripts: [assetAddress('live.js')],
    });
  });

  router.post('/inbox/filters', may('read', 'inbox'), formPost, async (req, res) => {
    const query = fieldOf(req, 'query');
    const given = checkForm(req, GivenFilter, { query, ...nameIn(req) });
    await act(deps, req, async (by) => ({ status: 201, body: await saveFilter(by.trx, by, given) }));
    await tellNext(req, { vi: 'Đã lưu bộ lọc.', en: 'The filter is saved.' });
    res.redirect(303, addressOf(query));
  });

  router.post('/inbox/filters/:id', may('read', 'inbox'), formPost, async (req, res) => {
    const id = idOf(req);
    const removes = fieldOf(req, 'act') === 'delete';
    const given = removes ? undefined : checkForm(req, GivenFilter.omit({ query: true }), nameIn(req));
    await act(deps, req, async ({ trx, actor }) => {
      if (given) await renameFilter(trx, actor, id, given);
      else await deleteFilter(trx, actor, id);
      return { status: 204, body: null };
    });
    await tellNext(
      req,
      removes
        ? { vi: 'Đã xóa bộ lọc.', en: 'The filter is deleted.' }
        : { vi: 'Đã đổi tên bộ lọc.', en: 'The filter is renamed.' },
    );
    res.redirect(303, '/inbox');
  });

  return router;
}

const titles: Record<BulkReport['act'], { vi: string; en: string }> = {
  claim: { vi: 'Nhận nhiều việc', en: 'Claim tasks' },
  complete: { vi: 'Làm nhiều việc', en: 'Complete tasks' },
  assign: { vi: 'Giao nhiều việc', en: 'Assign tasks' },
  distribute: { vi: 'Phân công tự động', en: 'Distribute tasks' },
};

const idOf = (req: Request) => checkAddress(req, Path, req.params).id;

const nameIn = (req: Request) => ({
  name: fieldOf(req, 'name'),
  shared: fieldOf(req, 'shared') === 'true',
});

/** A bulk act as the API takes it, from the fields of the form. */
function bulkIn(req: Request): unknown {
  const { task = [] } = fieldsOf(req);
  const ticked = Array.isArray(task) ? task : [task];
  const reason = fieldOf(req, 'reason');
  switch (fieldOf(req, 'act')) {
    case 'assign':
      return { act: 'assign', tasks: ticked, to: fieldOf(req, 'to'), reason };
    case 'distribute':
      return { act: 'distribute', tasks: ticked, reason };
    case 'share': {
      const optional = { agency: fieldOf(req, 'agency'), procedure: fieldOf(req, 'procedure') };
      const said = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== ''));
      const tasks = { ...said, role: fieldOf(req, 'role'), count: Number(fieldOf(req, 'count')) };
      return { act: 'distribute', tasks, reason };
    }
    default:
      return { act: 'claim', tasks: ticked };
  }
}
