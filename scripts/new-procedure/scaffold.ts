import { sampleDocument } from './sample.ts';

/** What the author of a new procedure has told. */
export interface NewProcedure {
  /** Folder below workflows and templates/documents. */
  folder: string;
  /** Export name, id and workflow type. */
  id: string;
  code: string;
  title: { vi: string; en: string };
  /** ISO date. */
  effectiveFrom: string;
}

const text = (value: unknown) => JSON.stringify(value);

/** The files of a new procedure, by their path; prettier gives the code its final shape. */
export function scaffold(procedure: NewProcedure): Record<string, string> {
  const { folder } = procedure;
  return {
    [`workflows/${folder}/procedure.ts`]: procedureSource(procedure),
    [`workflows/${folder}/procedure.test.ts`]: testSource(procedure),
    [`templates/documents/${folder}/decision.hbs`]: documentTemplate(procedure),
    [`templates/documents/${folder}/decision.sample.json`]: text(sampleDocument(procedure)),
  };
}

function procedureSource({ folder, id, code, title, effectiveFrom }: NewProcedure): string {
  return `
import { z } from 'zod';
import { choice, defineProcedure } from '../engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });
const text = z.string().trim().max(2000);

const facts = {
  code: ${text(code)},
  title: ${text(title)},
  effectiveFrom: ${text(effectiveFrom)},
  legalBasis: [],
  application: z.object({ request: text.min(1).meta(label('Nội dung đề nghị', 'Request')) }),
  papers: { evidence: { title: { vi: 'Giấy tờ kèm theo', en: 'Evidence' }, required: true } },
  limit: '3wd',
  tasks: {
    acceptance: {
      title: { vi: 'Tiếp nhận hồ sơ', en: 'Check and accept the application' },
      by: 'reception',
      due: '8wh',
      form: z.object({
        decision: choice('Quyết định', 'Decision', {
          accept: ['Tiếp nhận', 'Accept'],
          reject: ['Từ chối tiếp nhận', 'Do not accept'],
        }),
        reasons: text.default('').meta(label('Lý do', 'Reasons')),
      }),
    },
    draft: {
      title: { vi: 'Thẩm định, dự thảo kết quả', en: 'Examine the case and draft the result' },
      by: 'specialist',
      due: '2wd',
      form: z.object({
        outcome: choice('Đề xuất', 'Proposal', { grant: ['Cấp', 'Grant'], refuse: ['Từ chối', 'Refuse'] }),
        reasons: text.min(1).meta(label('Căn cứ, lý do', 'Grounds')),
      }),
    },
    approval: {
      title: { vi: 'Ký duyệt', en: 'Approve and sign' },
      by: 'leader',
      due: '8wh',
      form: z.object({
        decision: choice('Quyết định', 'Decision', {
          approve: ['Đồng ý', 'Approve'],
          return: ['Trả lại để sửa', 'Send back'],
        }),
        comment: text.default('').meta(label('Ý kiến', 'Comment')),
      }),
      notBy: ['draft'],
    },
  },
  documents: {
    decision: {
      title: { vi: 'Quyết định', en: 'Decision' },
      template: ${text(`${folder}/decision`)},
      register: 'QĐ',
      signedBy: 'approval',
    },
  },
} as const;

/** ${title.en.replaceAll('*/', '* /')}: an officer drafts the decision, the leader signs it or sends it back. */
export const ${id} = defineProcedure(facts, async ({ tasks, accept, reject, issue }) => {
  const acceptance = await tasks.acceptance();
  if (acceptance.decision === 'reject') return reject(acceptance.reasons);
  await accept();

  for (let returned: string | undefined; ;) {
    const draft = await tasks.draft({ returned });
    const approval = await tasks.approval({ draft });
    if (approval.decision === 'return') {
      returned = approval.comment;
      continue;
    }
    await issue('decision', { draft });
    return draft.outcome === 'grant' ? 'granted' : 'refused';
  }
});
`;
}

function testSource({ id, title }: NewProcedure): string {
  return `
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const officer = (name: string) => world.as(\`vungtau.\${name}\`);

/** Files an application at the ward of Vũng Tàu, with a photo as its paper. */
function file(): Promise<string> {
  const { applicant } = samplePermit();
  const answers = { request: 'Đề nghị giải quyết theo quy định.' };
  const papers = [{ kind: 'evidence', file: 'site-photo.jpg' }];
  const application = { procedure: ${text(id)}, agency: 'H29.16', applicant, answers, papers };
  return citizen().file('samples/construction-permit', application);
}

describe(${text(title.en)}, () => {
  it('ends with a decision that the leader signed', async () => {
    const code = await file();
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    await officer('specialist').complete(code, 'draft', { outcome: 'grant', reasons: 'Hồ sơ đủ điều kiện.' });
    await officer('leader').complete(code, 'approval', { decision: 'approve' });
    const view = await citizen().until(code, ({ closedAt }) => closedAt !== null);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 } });
    const documents = view.documents.map(({ document }: { document: string }) => document);
    expect(documents).toEqual(['form-01', 'decision']);
  });

  it('goes back to the specialist when the leader returns the draft', async () => {
    const code = await file();
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    await officer('specialist').complete(code, 'draft', { outcome: 'refuse', reasons: 'Chưa rõ.' });
    await officer('leader').complete(code, 'approval', { decision: 'return', comment: 'Nêu rõ căn cứ.' });
    const { id } = await officer('specialist').task(code, 'draft');
    const { body } = await officer('specialist').get(\`/api/v1/tasks/\${id}\`);
    expect(body.context.returned).toBe('Nêu rõ căn cứ.');
  });

  it('is not accepted when reception refuses, with Form 03', async () => {
    const code = await file();
    await officer('reception').complete(code, 'acceptance', { decision: 'reject', reasons: 'Sai cơ quan.' });
    const view = await citizen().until(code, ({ closedAt }) => closedAt !== null);
    expect(view).toMatchObject({ outcome: 'rejected', documents: [{ document: 'form-03' }] });
  });
});
`;
}

function documentTemplate({ title }: NewProcedure): string {
  return `{{!-- ${title.en.replaceAll(/-{2,}/g, '-')}. Data: case, agency, applicant, answers (the application), document {number, date, verifyUrl},
      signatory, data {draft {outcome, reasons}, legalBasis [text]}, stamps. --}}
{{> document-head number=document.number}}
<h1>QUYẾT ĐỊNH</h1>
<p class="center"><strong>Về việc giải quyết hồ sơ {{case.code}}</strong></p>
<hr class="short">
{{#each data.legalBasis}}
<p class="indent"><em>Căn cứ {{this}};</em></p>
{{/each}}
<p class="indent">Xét hồ sơ về thủ tục “{{case.procedureTitle}}”, nộp lúc {{timeInWords case.filedAt}}, của {{honorific applicant.gender}} {{applicant.fullName}}, số định danh cá nhân {{applicant.personalNumber}}, địa chỉ {{address applicant.address}}, với nội dung: {{answers.request}}</p>
<p class="indent">{{agency.name}} {{#if (equals data.draft.outcome "grant")}}<strong>chấp thuận</strong>{{else}}<strong>không chấp thuận</strong>{{/if}} đề nghị nêu trên.</p>
<p class="indent">Căn cứ, lý do: {{data.draft.reasons}}</p>
{{#> signature-block}}
<p>- {{honorific applicant.gender}} {{applicant.fullName}};</p>
<p>- Lưu: VT, hồ sơ {{case.code}}.</p>
{{/signature-block}}
`;
}
