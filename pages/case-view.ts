import type { Request, Response } from 'express';
import { toString as drawQr } from 'qrcode';
import { actionsFor, type ActionView } from '../api/actions.ts';
import { isAble } from '../api/abilities.ts';
import { actorIn } from '../api/auth.ts';
import { caseFor, type CaseView } from '../api/cases.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf, type Language } from '../api/language.ts';
import { sayOutcome } from '../api/timeline-words.ts';
import type { TrackedCase } from '../api/tracking.ts';
import { resultOfCase } from '../records/campaign-files.ts';
import { caseContent, type CaseContent } from '../records/case-content.ts';
import { caseTimeline } from '../records/case-timeline.ts';
import { listComments } from '../records/comments.ts';
import { atAGlance } from '../records/glance.ts';
import { standingIn } from '../records/parties.ts';
import { mayTakePayments, openPayment, type OpenPayment } from '../records/payments.ts';
import { applicantBlock, type Procedure, type Text } from '../workflows/engine/index.ts';
import { fieldsOf } from './form/fields.ts';
import { sayAnswers, type SaidAnswer } from './form/summary.ts';
import { assetAddress } from './assets.ts';
import { sayResult } from './campaigns/words.ts';
import { detailsOf, namesOf } from './named.ts';
import { sendPage } from './page.ts';
import { inLanguage } from './problems.ts';
import { tellTimeline } from './timeline.ts';
import { performer, sayMoney } from './words.ts';

/**
 * Shows a case to whoever may read it: to its parties where it stands and what is asked of them, to officers also what
 * they tell each other.
 */
export async function showCase(deps: Deps, req: Request, res: Response, code: string): Promise<void> {
  const { db, clock, procedures } = deps;
  const actor = atAGlance(actorIn(req));
  const at = clock.now();
  const language = languageOf(req);
  const [found, content, entries, actions, standing] = await Promise.all([
    caseFor(deps, actor, code),
    caseContent(db, actor, code, at),
    caseTimeline(db, actor, code, at),
    actionsFor(deps, req, actor, code),
    standingIn(db, actor, code, at),
  ]);
  const procedure = procedures.get(found.procedure.id);
  const officer = standing === undefined;
  const isToBePaid = found.next.some(({ task }) => task === 'pay');
  const [comments, payment, names, details, campaign] = await Promise.all([
    officer ? listComments(db, actor, code, { at, limit: 50 }) : undefined,
    isToBePaid ? openPayment(db, actor, code, at) : undefined,
    namesOf(db, procedure),
    detailsOf(db, procedure, content.answers, language),
    campaignPart(db, code, procedure, language),
  ]);
  sendPage(req, res, 'case', {
    title: { vi: `Hồ sơ ${code}`, en: `Case ${code}` },
    wide: true,
    officer,
    ...standOf(found, procedure, language),
    file: fileOf(content, procedure, language, { names, details }),
    papers: papersOf(found, language, officer ? procedure : undefined),
    documents: documentsOf(found, language),
    timeline: tellTimeline(entries, procedure, language, officer),
    actions: actions
      .filter(({ allowed }) => allowed)
      .map((action) => actionOf(action, procedure, language, code)),
    barred: actions
      .filter(({ allowed }) => !allowed)
      .map((action) => actionOf(action, procedure, language, code)),
    payment: await paymentOf(deps, payment, code, language, mayTakePayments(actor, found.agency.code)),
    comments: comments?.items.map(({ at: when, author, body }) => ({
      at: when,
      name: author.name,
      text: body,
    })),
    links: found.links.map((link) => ({ code: link.case, kind: link.kind })),
    parties: partiesOf(found, language),
    ...campaign,
    temporal: actor.roles.includes('admin') ? `/temporal/namespaces/default/workflows/${code}` : undefined,
    slip:
      isAble(actor, 'read', 'control-slips', found.agency.code) && `/api/v1/cases/${code}/control-slip/pdf`,
    live: `/api/v1/live?case=${code}`,
    scripts: [assetAddress('live.js')],
    back: officer ? '/inbox' : '/cases',
  });
}

/** The campaign that a case leads, or that it is a member of with what was decided of it. */
async function campaignPart(
  db: Deps['db'],
  code: string,
  procedure: Procedure | undefined,
  language: Language,
) {
  if (procedure?.campaign) return { leads: code, member: undefined };
  const found = procedure?.membership && (await resultOfCase(db, code));
  const member = found ? { campaign: found.campaign, ...sayResult(found, language) } : undefined;
  return { leads: undefined, member };
}

/** Where the case stands in plain words: the state, who acts next and why it waits, the promised date and its reckoning. */
export function standOf(
  found: Omit<TrackedCase, 'timeline'>,
  procedure: Procedure | undefined,
  language: Language,
) {
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const { waiting, next, timeliness } = found;
  return {
    code: found.code,
    procedure: found.procedure.title?.[language] ?? found.procedure.code,
    procedureCode: found.procedure.code,
    agency: found.agency.name[language],
    state: found.state.name[language],
    stateCode: found.state.code,
    filedAt: found.filedAt,
    dueAt: found.dueAt,
    why: found.dueExplained?.[language].split('; ') ?? [],
    paused: found.clock === 'paused',
    closedAt: found.closedAt,
    outcome: found.outcome ? sayOutcome(found.outcome, procedure)[language] : '',
    late: timeliness === 'running-late' || timeliness === 'overdue',
    waiting: waiting && {
      agency: waiting.agency[language],
      since: waiting.since,
      paused: waiting.paused,
      text: waiting.paused
        ? say(
            'Tạm ngừng kết nối với hệ thống của cơ quan này',
            'The system of this agency is not asked for now',
          )
        : say('Hệ thống của cơ quan này chưa trả lời', 'The system of this agency does not answer'),
    },
    // Nobody waits for what is a right of the applicant.
    next: next
      .filter(({ task }) => !procedure?.tasks[task]?.standing)
      .map(({ title, task, role, deadline }) => ({
        what: title?.[language] ?? task,
        who: performer(role)[language],
        deadline,
      })),
  };
}

/** What was applied for, as it is known now; each line names the field that an officer can mark. */
export function fileOf(
  { applicant: person, answers }: CaseContent,
  procedure: Procedure | undefined,
  language: Language,
  { names = {}, details = [] }: { names?: Readonly<Record<string, Text>>; details?: SaidAnswer[] } = {},
) {
  const fields = procedure ? fieldsOf(procedure.application, '') : [];
  return [
    {
      title: language === 'vi' ? 'Người nộp hồ sơ' : 'The applicant',
      lines: sayAnswers(fieldsOf(applicantBlock(procedure ?? {}), '/applicant'), person, language),
    },
    {
      title: language === 'vi' ? 'Nội dung đề nghị' : 'What is applied for',
      lines: [...sayAnswers(fields, answers, language, names), ...details],
    },
  ].filter(({ lines }) => lines.length > 0);
}

/** The papers of a case; officers decide on those that are photos whether they become public. */
export const papersOf = ({ code, papers }: CaseView, language: Language, facts?: Procedure) =>
  papers.map(({ number, kind, title, fileName, mediaType, size, sha256, brought }) => ({
    number,
    kind,
    title: title?.[language] ?? kind,
    fileName,
    isImage: mediaType.startsWith('image/'),
    kilobytes: Math.max(1, Math.round(size / 1024)),
    sha256,
    brought,
    href: `/api/v1/cases/${code}/papers/${number}`,
    review: facts?.papers[kind]?.photos ? `/cases/${code}/photos/${number}` : '',
  }));

const documentsOf = ({ documents }: CaseView, language: Language) =>
  documents.map(({ id, title, registerNumber, issuedAt, supersededBy, revokedBy, validUntil }) => ({
    id,
    title: title[language],
    registerNumber,
    issuedAt,
    validUntil: validUntil?.split('-').reverse().join('/'),
    ended: supersededBy !== null || revokedBy !== null,
  }));

function partiesOf({ representative, coApplicants, takenInBy }: CaseView, language: Language) {
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  return [
    ...(representative
      ? [{ as: say('Người được ủy quyền', 'Representative'), name: representative.fullName }]
      : []),
    ...coApplicants.map(({ fullName }) => ({ as: say('Cùng đứng đơn', 'Co-applicant'), name: fullName })),
    ...(takenInBy ? [{ as: say('Người tiếp nhận', 'Taken in by'), name: takenInBy.name }] : []),
  ];
}

/** How a fee is paid: by a code that banking apps read, or at the counter; a sandbox's bank can be told to pay. */
async function paymentOf(
  { config }: Deps,
  open: OpenPayment | undefined,
  code: string,
  language: Language,
  takes: boolean,
) {
  return (
    open && {
      amount: sayMoney(open.amount, language),
      until: open.until,
      reference: open.reference,
      qr: open.vietQr && (await drawQr(open.vietQr, { type: 'svg', margin: 2 })),
      take: takes && `/cases/${code}/counter-payment`,
      sandbox: config.DEV_BANK_URL && open.reference && `/cases/${code}/sandbox-payment`,
    }
  );
}

function addressOf(act: string, task: string | undefined, code: string): string {
  if (act === 'delegate') return '/account/delegations';
  if (!task) return `/cases/${code}/${act}`;
  return act === 'assign' ? `/tasks/${task}/assign` : `/tasks/${task}`;
}

/** Acts that have a page or a button; what each is called. */
const words: Record<string, { vi: string; en: string }> = {
  claim: { vi: 'Nhận việc', en: 'Claim' },
  release: { vi: 'Trả việc', en: 'Give back' },
  undo: { vi: 'Hoàn tác', en: 'Undo' },
  assign: { vi: 'Giao việc', en: 'Assign' },
  comment: { vi: 'Trao đổi nội bộ', en: 'Comment' },
  link: { vi: 'Liên kết hồ sơ', en: 'Link a case' },
  transfer: { vi: 'Chuyển cơ quan', en: 'Transfer' },
  consult: { vi: 'Lấy ý kiến', en: 'Consult' },
  correct: { vi: 'Đính chính kết quả', en: 'Correct the result' },
  amend: { vi: 'Sửa hồ sơ', en: 'Change the application' },
  reopen: { vi: 'Mở lại hồ sơ', en: 'Reopen' },
  'end-representation': { vi: 'Kết thúc ủy quyền', en: 'End the representation' },
  delegate: { vi: 'Ủy quyền xử lý', en: 'Delegate' },
};

/** Acts that a button does, without a page of their own before. */
function postOf(act: string, task: string | undefined, code: string): string | undefined {
  if (act === 'amend') return `/cases/${code}/amend`;
  return ['claim', 'release', 'undo'].includes(act) ? `/tasks/${task ?? ''}/${act}` : undefined;
}

function actionOf(
  { act, title, task, why, legalBasis, for: principal }: ActionView,
  procedure: Procedure | undefined,
  language: Language,
  code: string,
) {
  const completes = task !== undefined && !['claim', 'release', 'undo', 'assign'].includes(act);
  const name = words[act]?.[language] ?? act;
  const what = title?.[language];
  return {
    act,
    title: completes ? (what ?? name) : what ? `${name}: ${what}` : name,
    href: addressOf(act, task?.id, code),
    completes,
    // What is always there is never what one came for.
    quiet: act === 'withdraw' || procedure?.tasks[act]?.standing === true,
    post: postOf(act, task?.id, code),
    why: why && inLanguage(why.detail, language),
    law: legalBasis?.[language],
    principal: principal?.name,
  };
}
