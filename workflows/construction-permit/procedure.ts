import { defineProcedure, type Story } from '../engine/index.ts';
import * as form from './forms.ts';

/** What the law of 1 July 2026 fixes. */
export const facts = {
  code: '1.013225',
  title: { vi: 'Cấp giấy phép xây dựng nhà ở riêng lẻ', en: 'House construction permit' },
  effectiveFrom: '2026-07-01',
  legalBasis: ['Luật Xây dựng số 135/2025/QH15, Điều 44-46', 'Nghị định số 217/2026/NĐ-CP, Điều 49-66'],
  lifeEvent: { vi: 'Xây, sửa nhà', en: 'Building a home' },
  application: form.Application,
  pages: form.pages,
  area: 'houseAddress',
  coApplicants: { vi: 'Đồng chủ đầu tư', en: 'Co-owner' },
  papers: {
    landPaper: { title: { vi: 'Giấy tờ về đất đai', en: 'Land paper' }, required: true },
    sitePlan: {
      title: { vi: 'Mặt bằng trên lô đất, sơ đồ vị trí', en: 'Site plan and location' },
      required: true,
    },
    floorPlans: {
      title: { vi: 'Mặt bằng các tầng, mặt đứng, mặt cắt', en: 'Floor plans, elevations, sections' },
      required: true,
    },
    foundationPlan: {
      title: { vi: 'Móng và sơ đồ đấu nối hạ tầng', en: 'Foundation and utility connections' },
      required: true,
    },
    adjacentSafetyCommitment: {
      title: { vi: 'Cam kết an toàn công trình liền kề', en: 'Commitment on adjacent buildings' },
      required: true,
    },
    fireApproval: { title: { vi: 'Văn bản thẩm duyệt PCCC', en: 'Fire-safety approval' }, required: false },
    sitePhoto: { title: { vi: 'Ảnh hiện trạng', en: 'Photo of the site' }, required: false },
  },
  limit: '7wd',
  fee: {
    title: { vi: 'Lệ phí cấp giấy phép xây dựng', en: 'Fee of the construction permit' },
    amount: 75_000,
    expires: '15d',
    silence: 'closing',
  },
  supplement: { within: '2wd', clock: 'restart', silence: 'refusal' },
  consultations: { within: '2wd', silence: 'consent', of: form.consultations },
  tasks: {
    acceptance: {
      title: { vi: 'Tiếp nhận hồ sơ', en: 'Check and accept the application' },
      by: 'reception',
      due: '8wh',
      form: form.Acceptance,
    },
    appraisal: {
      title: { vi: 'Thẩm định hồ sơ', en: 'Appraise the application' },
      by: 'specialist',
      due: '3wd',
      form: form.Appraisal,
    },
    draft: {
      title: { vi: 'Dự thảo kết quả', en: 'Draft the result' },
      by: 'specialist',
      due: '4wh',
      form: form.Draft,
    },
    review: {
      title: { vi: 'Kiểm tra dự thảo', en: 'Review the draft' },
      by: 'head',
      due: '4wh',
      form: form.Review,
      notBy: ['draft'],
    },
    approval: {
      title: { vi: 'Ký duyệt', en: 'Approve and sign' },
      by: 'leader',
      due: '4wh',
      form: form.Review,
      notBy: ['draft', 'review'],
    },
    registration: {
      title: { vi: 'Vào sổ, đóng dấu', en: 'Register and seal' },
      by: 'clerk',
      due: '4wh',
      form: form.Registration,
      notBy: ['approval'],
    },
  },
  documents: {
    permit: {
      title: { vi: 'Giấy phép xây dựng', en: 'Construction permit' },
      template: 'construction-permit/permit',
      register: 'GPXD',
      signedBy: 'approval',
      draftAt: ['draft', 'review'],
    },
    refusal: {
      title: { vi: 'Văn bản từ chối cấp giấy phép', en: 'Refusal of the permit' },
      template: 'construction-permit/refusal',
      register: 'TB',
      signedBy: 'approval',
      draftAt: ['draft', 'review'],
    },
  },
} as const;

/** House construction permit under Law 135/2025/QH15 and Decree 217/2026/NĐ-CP, in force since 1 July 2026. */
export const constructionPermit = defineProcedure(facts, permit);

/** The course of the procedure, which both editions share. */
export async function permit(story: Story<typeof facts>): Promise<string> {
  const { application, ask, tasks, accept, reject, supplement } = story;

  const { parcel } = application;
  const [identity, land, planning] = await Promise.all([
    ask('identity', {}),
    ask('parcel', { parcel }),
    ask('planning', { parcel, building: application }),
  ]);

  const acceptance = await tasks.acceptance({ identity, land, planning });
  if (acceptance.decision === 'reject') return reject(acceptance.reasons);
  await accept();

  let appraisal = await tasks.appraisal({ identity, land, planning });
  let opinions = await story.consult(appraisal.consult, appraisal.reasons);
  if (appraisal.missing.length > 0) {
    const supplied = await supplement(appraisal.missing);
    if (!supplied)
      return decide(story, { conclusion: 'not-eligible', unsupplied: appraisal.missing, opinions });
    appraisal = await tasks.appraisal({ identity, land, planning, opinions, supplied: true });
    opinions = [...opinions, ...(await story.consult(appraisal.consult, appraisal.reasons))];
  }

  const objected = opinions.some((answer) => answer.opinion === 'object');
  const eligible = appraisal.conclusion === 'eligible' && appraisal.missing.length === 0 && !objected;
  if (eligible && !(await story.pay())) return 'unpaid';
  return decide(story, { conclusion: eligible ? 'eligible' : 'not-eligible', appraisal, opinions });
}

/** Draft, head, leader, clerk: each may send the draft back, nobody decides about their own work. */
async function decide({ tasks, issue }: Story<typeof facts>, findings: Record<string, unknown>) {
  for (let returned: string | undefined; ;) {
    const draft = await tasks.draft({ ...findings, returned });
    const review = await tasks.review({ ...findings, draft });
    if (review.decision === 'return') {
      returned = review.comment;
      continue;
    }
    const approval = await tasks.approval({ ...findings, draft });
    if (approval.decision === 'return') {
      returned = approval.comment;
      continue;
    }
    await tasks.registration({ draft });
    await issue(draft.outcome === 'grant' ? 'permit' : 'refusal', { ...findings, draft });
    return draft.outcome === 'grant' ? 'granted' : 'refused';
  }
}
