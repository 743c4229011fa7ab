import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Actor } from '../records/actor.ts';
import { fileApplication, localDay } from '../records/cases.ts';
import type { GivenPaper } from '../records/papers.ts';
import { Refusal, type FieldError } from '../records/refusal.ts';
import { Applicant, PaperReference, type Procedure } from '../workflows/engine/index.ts';
import { editionFor } from '../workflows/catalogue.ts';
import { withoutPersonal } from '../workflows/engine/form.ts';
import { act } from './act.ts';
import { actorWith } from './auth.ts';
import { checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, json, refused } from './schemas.ts';

const Application = z
  .strictObject({
    procedure: z.string().min(1).max(100).meta({
      description: 'Code of the procedure: the edition in force that day governs; or the id of that edition',
      example: '1.013225',
    }),
    agency: z
      .string()
      .min(1)
      .max(20)
      .meta({ description: 'Code of the agency that receives it', example: 'H29.16' }),
    applicant: Applicant,
    answers: z.record(z.string(), z.unknown()).meta({ description: 'By the form of the procedure' }),
    papers: z.array(PaperReference).max(100).default([]),
  })
  .meta({ id: 'Application' });

const Filed = z.object({ code: CaseCode }).meta({ id: 'Filed' });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/applications': {
    post: {
      summary: 'File an application; 201 means that it is kept, whatever happens next',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: Application } } },
      responses: { 201: json('Filed', Filed), default: refused },
    },
  },
};

/** Where a case begins. */
export function applications(deps: Pick<Deps, 'db' | 'clock' | 'procedures' | 'newCaseKey'>): Router {
  const router = Router();

  router.post('/api/v1/applications', async (req, res) => {
    const citizen = actorWith(req, 'citizen');
    const {
      procedure: named,
      agency,
      applicant,
      papers,
      answers: given,
    } = checkForm(req, Application, req.body);
    const id = governingEdition(deps, named, given);
    const procedure = deps.procedures.get(id)!;
    const answers = checkForm(req, procedure.application, given, '/answers');
    checkDay(procedure, localDay(deps.clock.now()), answers);
    checkPapers(procedure, papers);
    checkSelf(citizen, applicant);

    const { status, body } = await act(deps, req, async ({ trx, actor, at }) => {
      const publicAnswers = withoutPersonal(procedure.application, answers);
      const wrappedKey = deps.newCaseKey();
      const facts = { ...procedure, id };
      const filing = {
        actor,
        at,
        procedure: facts,
        agency,
        applicant,
        answers,
        publicAnswers,
        papers,
        wrappedKey,
      };
      return { status: 201, body: await fileApplication(trx, filing) };
    });
    const filed = Filed.parse(body);
    res.status(status).location(`/api/v1/cases/${filed.code}`).json(filed);
  });

  return router;
}

/**
 * Checks that every paper is one that the procedure knows and that no required one is missing.
 *
 * @throws Refusal `missing-papers` naming each of them, or `invalid-form`
 */
function checkPapers(procedure: Procedure, papers: GivenPaper[]): void {
  const unknown = papers.flatMap(({ kind }, index): FieldError[] =>
    Object.hasOwn(procedure.papers, kind)
      ? []
      : [
          {
            pointer: `/papers/${index}/kind`,
            detail: 'Thủ tục không có loại giấy tờ này · No such kind of paper',
          },
        ],
  );
  if (unknown.length > 0) throw new Refusal('invalid-form', 'Giấy tờ không đúng · Wrong papers', unknown);
  const given = new Set(papers.map((paper) => paper.kind));
  const missing = Object.entries(procedure.papers).flatMap(([kind, { required, title }]): FieldError[] =>
    required && !given.has(kind)
      ? [{ pointer: '/papers', detail: `${kind}: ${title.vi} · ${title.en}` }]
      : [],
  );
  if (missing.length > 0) throw new Refusal('missing-papers', 'Thiếu giấy tờ · Papers are missing', missing);
}

/**
 * Checks the answers by the day on which they are received.
 *
 * @throws Refusal `invalid-form`
 */
function checkDay(procedure: Procedure, day: string, answers: Record<string, unknown>): void {
  const wrong = procedure.checkOn?.({ day, answers }) ?? [];
  if (wrong.length === 0) return;
  const errors = wrong.map(({ path, message }) => ({
    pointer: ['/answers', ...path].join('/'),
    detail: message,
  }));
  throw new Refusal('invalid-form', 'Có thông tin chưa đúng · Some of the information is wrong', errors);
}

/**
 * Checks that who files for themselves is the person whom the identity provider vouches for.
 *
 * @throws Refusal `invalid-form`
 */
function checkSelf(actor: Actor, applicant: z.infer<typeof Applicant>): void {
  const vouched = actor.personalNumber;
  if (applicant.onBehalf !== 'self' || !vouched || vouched === applicant.personalNumber) return;
  throw new Refusal('invalid-form', 'Không phải số định danh của bạn · This is not your personal number', [
    {
      pointer: '/applicant/personalNumber',
      detail: 'Khác với số định danh khi đăng nhập · Differs from the number that you signed in with',
    },
  ]);
}

/**
 * Finds the edition of the law that governs an application received now.
 *
 * @throws Refusal `invalid-form` for an unknown procedure, `procedure-not-in-force`
 */
function governingEdition(
  { procedures, clock }: Pick<Deps, 'procedures' | 'clock'>,
  named: string,
  answers: Record<string, unknown>,
): string {
  const codes = new Set([...procedures.values()].map(({ code }) => code as string));
  const edition = procedures.get(named);
  const code = edition?.code ?? named;
  if (!codes.has(code)) throw unknownProcedure(named);
  const governing = editionFor(procedures, code, { day: localDay(clock.now()), answers });
  if (governing !== undefined && (!edition || governing === named)) return governing;
  throw new Refusal(
    'procedure-not-in-force',
    governing
      ? `Hồ sơ nộp hôm nay theo "${governing}" · Applications received today are governed by "${governing}"`
      : `Thủ tục chưa hoặc không còn hiệu lực · The procedure is not in force`,
  );
}

function unknownProcedure(procedure: string): Refusal {
  return new Refusal('invalid-form', 'Không có thủ tục này · There is no such procedure', [
    { pointer: '/procedure', detail: procedure },
  ]);
}
