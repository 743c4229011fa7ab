import { Router, type Request } from 'express';
import { z } from 'zod';
import { signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { caseFor, casesFor, type CaseView } from '../api/cases.ts';
import { checkAddress } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { CaseCode } from '../api/schemas.ts';
import type { Actor } from '../records/actor.ts';
import { readsOf } from '../records/case-content.ts';
import { addComment } from '../records/comments.ts';
import { listDrafts } from '../records/drafts.ts';
import { openPayment } from '../records/payments.ts';
import { listPrepared } from '../records/prepared-views.ts';
import { Refusal } from '../records/refusal.ts';
import { caseStates } from '../workflows/engine/states.ts';
import { showCase } from './case-view.ts';
import { proceduresInForce, stepsOf } from './citizen/catalogue.ts';
import { assetAddress } from './assets.ts';
import { tellNext } from './flash.ts';
import { sendPage } from './page.ts';
import { fieldOf, formPost } from './posts.ts';

const Path = z.object({ code: CaseCode });
const Query = z.object({
  state: z.coerce.number().int().min(1).max(10).optional().catch(undefined),
  cursor: z.string().max(200).optional(),
});
const perPage = 25;

/**
 * What an officer at the counter hands over: the receipt with the promised date (Form 01) as soon as the application was accepted, or where
 * that is done.
 */
function slipOf({ channel, documents, next, acceptedAt, closedAt }: CaseView, { roles }: Actor) {
  const counter = channel !== 'online' && !roles.includes('citizen');
  const slip = documents.find(({ document }) => document === 'form-01' || document === 'form-03')?.id;
  return {
    counter,
    slip: slip && `/api/v1/documents/${slip}`,
    beingMade: counter && !slip && (acceptedAt !== null || closedAt !== null),
    toDo: counter ? next.find(({ role }) => role === 'reception')?.id : undefined,
  };
}

/** Cases for whoever may read them: the citizens' own, or those of an officer's agency. */
export function cases(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/cases', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const language = languageOf(req);
    const { state, cursor } = checkAddress(req, Query, req.query);
    const { items, next } = await casesFor(deps, actor, { limit: perPage, state, cursor });
    const citizen = actor.roles.includes('citizen');
    const titles = new Map(
      proceduresInForce(deps).map(({ code, title }) => [code as string, title[language]]),
    );
    const drafts = citizen && !cursor ? await listDrafts(db, actor, clock.now()) : [];
    const waiting = citizen && !cursor ? await listPrepared(db, actor, clock.now()) : [];
    sendPage(req, res, 'cases', {
      title: citizen ? { vi: 'Hồ sơ của tôi', en: 'My cases' } : { vi: 'Hồ sơ', en: 'Cases' },
      citizen,
      items: items.map((item) => ({
        ...item,
        procedure: item.procedure.title?.[language] ?? item.procedure.code,
        agency: item.agency.name[language],
        state: item.state.name[language],
        late: item.timeliness === 'running-late',
      })),
      none: items.length === 0,
      drafts: drafts.map(({ id, about, updatedAt }) => ({
        id,
        title: titles.get(about) ?? about,
        updatedAt: updatedAt.toISOString(),
      })),
      waiting: waiting.filter((each) => each.state === 'open'),
      states: Object.entries(caseStates).map(([code, name]) => ({
        code,
        name: name[language],
        chosen: Number(code) === state,
      })),
      state: state ?? '',
      next: next
        ? `/cases?${new URLSearchParams({ ...(state ? { state: `${state}` } : {}), cursor: next }).toString()}`
        : '',
    });
  });

  router.get('/cases/:code', signedIn, async (req, res) => {
    await showCase(deps, req, res, codeOf(req));
  });

  router.get('/cases/:code/filed', signedIn, async (req, res) => {
    const found = await caseFor(deps, actorIn(req), codeOf(req));
    const procedure = deps.procedures.get(found.procedure.id);
    const language = languageOf(req);
    sendPage(req, res, 'citizen/filed', {
      title: { vi: 'Đã nộp hồ sơ', en: 'Your application is handed in' },
      code: found.code,
      procedure: found.procedure.title?.[language],
      agency: found.agency.name[language],
      filedAt: found.filedAt,
      papers: found.papers.map(({ title, fileName, sha256, size }) => ({
        title: title?.[language],
        fileName,
        sha256,
        kilobytes: Math.max(1, Math.round(size / 1024)),
      })),
      ...slipOf(found, actorIn(req)),
      first: procedure && stepsOf(procedure, language)[0],
      scripts: [assetAddress('live.js')],
    });
  });

  router.get('/cases/:code/readers', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const code = codeOf(req);
    const language = languageOf(req);
    const reads = await readsOf(db, actor, code, clock.now());
    sendPage(req, res, 'citizen/readers', {
      title: { vi: 'Ai đã xem hồ sơ', en: 'Who has read it' },
      code,
      reads: reads.map((read) => ({
        at: read.at,
        name: read.name,
        as: read.title ?? '',
        agency: read.agency?.[language] ?? '',
      })),
      none: reads.length === 0,
      back: `/cases/${code}`,
    });
  });

  router.post('/cases/:code/comments', signedIn, formPost, async (req, res) => {
    const code = codeOf(req);
    const body = fieldOf(req, 'text').trim().slice(0, 5_000);
    if (body)
      await act(deps, req, async ({ trx, actor, at }) => ({
        status: 201,
        body: await addComment(trx, { actor, at, code, body }),
      }));
    if (body) await tellNext(req, { vi: 'Đã ghi trao đổi.', en: 'The comment is kept.' });
    res.redirect(303, `/cases/${code}#comments`);
  });

  // The sandbox's bank; a real installation has no such address.
  router.post('/cases/:code/sandbox-payment', signedIn, formPost, async (req, res) => {
    const code = codeOf(req);
    const { DEV_BANK_URL: bank } = deps.config;
    const payment = await openPayment(db, actorIn(req), code, clock.now());
    if (!bank || !payment?.reference)
      throw new Refusal('not-found', 'Hồ sơ không chờ nộp phí · The case waits for no fee');
    await fetch(`${bank}/payment-orders/${encodeURIComponent(payment.reference)}/pay`, { method: 'POST' });
    await tellNext(req, { vi: 'Ngân hàng thử nghiệm đã trả tiền.', en: 'The sandbox’s bank has paid.' });
    res.redirect(303, `/cases/${code}`);
  });

  return router;
}

const codeOf = (req: Request) => checkAddress(req, Path, req.params).code;
