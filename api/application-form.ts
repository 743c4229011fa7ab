import type { Request } from 'express';
import { z } from 'zod';
import type { Actor } from '../records/actor.ts';
import { channels } from '../records/channels.ts';
import type { Completion, HandedIn } from '../records/handed-in.ts';
import { localDay } from '../records/local-day.ts';
import type { GivenPaper } from '../records/papers.ts';
import { mayHandIn } from '../records/hand-in-policy.ts';
import { Refusal, type FieldError } from '../records/refusal.ts';
import { editionFor, filerOf } from '../workflows/catalogue.ts';
import { namedIn, withoutPersonal } from '../workflows/engine/form.ts';
import { Applicant, applicantBlock, PaperReference, type Procedure } from '../workflows/engine/index.ts';
import { checkForm } from './check.ts';
import type { Deps } from './deps.ts';

/** Somebody whom an application names. */
export const Citizen = z.strictObject(Applicant.pick({ fullName: true, personalNumber: true }).shape);

/** Who acts for the applicant, and the paper that lets them. */
export const Representative = Citizen.extend({
  authorisation: z.strictObject({
    number: z.string().trim().min(1).max(100).meta({ example: '1234/2026/UQ' }),
    issuedOn: z.iso.date(),
    validUntil: z.iso.date().meta({ description: 'The last day of its time' }),
    upload: z.uuid().meta({ description: 'The authorisation as a file' }),
  }),
}).meta({ id: 'Representative' });

const Paper = PaperReference.extend({
  brought: z
    .enum(['original', 'certified', 'copy'])
    .optional()
    .meta({ description: 'How it was shown to the officer; not online' }),
});

/** An application as it is sent. */
export const Application = z
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
    channel: z.enum(channels).default('online').meta({
      description: 'Online by citizens; the others by the reception of the agency on a citizen’s behalf',
    }),
    applicant: z.record(z.string(), z.unknown()).optional().meta({
      description:
        'By the block of the procedure: who applies or, where anybody may, who reports it; nobody where an agency acts on its own account',
    }),
    answers: z.record(z.string(), z.unknown()).meta({ description: 'By the form of the procedure' }),
    papers: z.array(Paper).max(100).default([]),
    representative: Representative.optional().meta({
      description: 'Who acts for the applicant; required where the applicant’s block says `authorised`',
    }),
    coApplicants: z.array(Citizen).max(20).default([]).meta({
      description: 'Who applies together with the applicant: each must sign before it is filed',
    }),
  })
  .meta({ id: 'Application' });
type Applied = Partial<Applicant> & Record<string, unknown>;
type Application = Omit<z.infer<typeof Application>, 'applicant'> & { applicant: Applied };

/**
 * Checks an application that is handed in now: who may, the edition that governs, its form, its papers, its parties.
 *
 * @param body the application, where it is not what the request brings
 * @throws Refusal by policy, `identity-level`, `invalid-form`, `missing-papers` or `procedure-not-in-force`
 */
export function checkApplication(
  deps: Pick<Deps, 'procedures' | 'clock'>,
  req: Request,
  actor: Actor,
  body: unknown = req.body,
): { handedIn: HandedIn } & Pick<Application, 'representative' | 'coApplicants'> {
  const { representative, coApplicants, applicant: block, ...given } = checkForm(req, Application, body);
  const id = governingEdition(deps, given.procedure, given.answers);
  const procedure = deps.procedures.get(id)!;
  const filedBy = filerOf(procedure);
  // By the block of its procedure, of which most have the number of a person and some not.
  const applicant = filedBy
    ? undefined
    : (checkForm(req, applicantBlock(procedure), block, '/applicant') as Applied);
  const named = [applicant, representative, ...coApplicants];
  mayHandIn(actor, {
    ...given,
    filedBy,
    byAnybody: procedure.applicant === 'anybody',
    parties: named.flatMap((each) => each?.personalNumber ?? []),
  });
  expectKnown(req, procedure, given.channel);
  if (filedBy && (block ?? representative ?? coApplicants[0])) throw noApplicant();
  const answers = checkForm(req, procedure.application, given.answers, '/answers');
  checkDay(procedure, localDay(deps.clock.now()), answers);
  checkPapers(procedure, given.papers);
  if (applicant) checkParties(actor, procedure, { ...given, applicant, representative, coApplicants });
  const handedIn = { ...given, procedure: id, filedBy, applicant: applicant ?? {}, answers };
  return { handedIn, representative, coApplicants };
}

const noApplicant = () =>
  new Refusal('invalid-form', 'Cơ quan tự lập, không có người nộp · An agency acts on its own account', [
    { pointer: '/applicant', detail: 'Thủ tục không có người nộp · The procedure has no applicant' },
  ]);

/**
 * Checks that the identity provider knows whoever files online as well as the procedure asks; at the counter an officer sees the card.
 *
 * @throws Refusal `identity-level`
 */
function expectKnown(req: Request, { identityLevel }: Procedure, channel: string): void {
  if (!identityLevel || channel !== 'online' || (req.proof?.level ?? 1) >= identityLevel) return;
  throw new Refusal(
    'identity-level',
    `Thủ tục này cần tài khoản định danh mức ${identityLevel} · This needs an electronic identity of level ${identityLevel}`,
  );
}

/**
 * Gives what filing needs of the procedure, as it is on the day of filing: an application may have waited.
 *
 * @throws Refusal `procedure-not-in-force` or `invalid-form`
 */
export function completionOf(
  deps: Pick<Deps, 'procedures' | 'clock' | 'newCaseKey'>,
  { procedure: prepared, answers }: HandedIn,
): Completion {
  const id = governingEdition(deps, prepared, answers);
  const procedure = deps.procedures.get(id)!;
  checkDay(procedure, localDay(deps.clock.now()), answers);
  return {
    procedure: { ...procedure, id },
    publicAnswers: withoutPersonal(procedure.application, answers),
    agencies: namedIn(procedure.application, answers, 'agency'),
    wrappedKey: deps.newCaseKey(),
  };
}

/**
 * Checks that every paper is one that the procedure knows and that no required one is missing.
 *
 * @throws Refusal `missing-papers` naming each of them, or `invalid-form`
 */
export function checkPapers(procedure: Procedure, papers: GivenPaper[]): void {
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
export function checkDay(procedure: Procedure, day: string, answers: Record<string, unknown>): void {
  const wrong = procedure.checkOn?.({ day, answers }) ?? [];
  if (wrong.length === 0) return;
  const errors = wrong.map(({ path, message }) => ({
    pointer: ['/answers', ...path].join('/'),
    detail: message,
  }));
  throw new Refusal('invalid-form', 'Có thông tin chưa đúng · Some of the information is wrong', errors);
}

/**
 * Checks who is who: that who files is the one whom the identity provider vouches for, that a representative and the
 * co-applicants are other people, and that the procedure takes co-applicants.
 *
 * @throws Refusal `invalid-form`
 */
function checkParties(actor: Actor, procedure: Procedure, given: Application & { applicant: Applied }): void {
  const { applicant, representative, coApplicants, papers } = given;
  const online = given.channel === 'online';
  const represents = online && applicant.onBehalf === 'authorised';
  const vouched = actor.personalNumber;
  const differs = 'Khác với số định danh khi đăng nhập · Differs from the number that you signed in with';
  const wrong: FieldError[] = [];
  const must = (holds: boolean, pointer: string, detail: string) => {
    if (!holds) wrong.push({ pointer, detail });
  };
  if (online && applicant.onBehalf === 'self')
    must(!vouched || vouched === applicant.personalNumber, '/applicant/personalNumber', differs);
  if (applicant.onBehalf === 'authorised')
    must(representative !== undefined, '/representative', 'Bắt buộc · Required');
  if (represents && representative)
    must(vouched === representative.personalNumber, '/representative/personalNumber', differs);
  must(
    !representative || representative.personalNumber !== applicant.personalNumber,
    '/representative/personalNumber',
    'Trùng người đứng đơn · That is the applicant',
  );
  const known = new Set<string | undefined>([applicant.personalNumber]);
  for (const [index, { personalNumber }] of coApplicants.entries()) {
    const pointer = `/coApplicants/${index}/personalNumber`;
    must(!known.has(personalNumber), pointer, 'Đã có người này · Named already');
    known.add(personalNumber);
  }
  must(
    coApplicants.length === 0 || procedure.coApplicants !== undefined,
    '/coApplicants',
    'Thủ tục không có người cùng đứng đơn · The procedure takes no co-applicants',
  );
  for (const [index, { brought }] of papers.entries())
    must(!online || !brought, `/papers/${index}/brought`, 'Chỉ tại quầy · Only at the counter');
  if (wrong.length > 0)
    throw new Refusal('invalid-form', 'Người nộp chưa đúng · It is not right who applies', wrong);
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
