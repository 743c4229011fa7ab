import { Router } from 'express';
import { z } from 'zod';
import { signedIn } from '../../api/abilities.ts';
import { procedureOf } from '../../api/amendments.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { CaseCode } from '../../api/schemas.ts';
import type { Actor } from '../../records/actor.ts';
import { mayAmend } from '../../records/amendments.ts';
import { caseContent } from '../../records/case-content.ts';
import { beginDraft, findAmendingDraft } from '../../records/drafts.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import { filledFrom } from '../form/answers.ts';
import { fieldsOf } from '../form/fields.ts';
import { formPost } from '../posts.ts';

const Path = z.object({ code: CaseCode });

/** Where an applicant begins to change an application: a draft with what it says now, page by page as it was filled in. */
export function amend(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.post('/cases/:code/amend', signedIn, formPost, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const actor = actorIn(req);
    const at = clock.now();
    const procedure = await procedureOf(deps, req, code);
    await mayAmend(db, actor, code, at);
    const { id } =
      (await findAmendingDraft(db, actor, code, at)) ?? (await begin(actor, { code, procedure, at }));
    res.redirect(303, `/drafts/${id}`);
  });

  return router;

  async function begin(
    actor: Actor,
    { code, procedure, at }: { code: string; procedure: Procedure; at: Date },
  ): Promise<{ id: string }> {
    const { answers } = await caseContent(db, actor, code, at);
    const filled = filledFrom(fieldsOf(procedure.application, '/answers'), answers);
    return beginDraft(db, actor, { at, about: procedure.code, channel: 'online', filled, amends: code });
  }
}
