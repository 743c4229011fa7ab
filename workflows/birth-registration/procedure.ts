import { defineProcedure, type Story } from '../engine/index.ts';
import { BirthApplication, checkBirthday } from '../forms/birth.ts';
import { Acceptance, Registration, Review } from '../forms/decision.ts';
import * as form from './forms.ts';

const facts = {
  code: '1.001193',
  title: { vi: 'Đăng ký khai sinh', en: 'Birth registration' },
  effectiveFrom: '2026-01-01',
  legalBasis: [
    'Luật Hộ tịch số 60/2014/QH13, Điều 13-16',
    'Nghị định số 123/2015/NĐ-CP, sửa đổi bởi Nghị định số 18/2026/NĐ-CP',
  ],
  lifeEvent: { vi: 'Sinh con', en: 'Having a child' },
  application: BirthApplication,
  checkOn: checkBirthday,
  papers: {
    birthCertificate: { title: { vi: 'Giấy chứng sinh', en: 'Birth certificate' }, required: false },
    witnessStatement: {
      title: {
        vi: 'Văn bản của người làm chứng hoặc giấy cam đoan',
        en: 'Statement of witnesses or declaration',
      },
      required: false,
    },
    abandonedChild: {
      title: { vi: 'Biên bản về trẻ bị bỏ rơi', en: 'Report of an abandoned child' },
      required: false,
    },
    surrogacy: { title: { vi: 'Văn bản về mang thai hộ', en: 'Paper about surrogacy' }, required: false },
    marriageCertificate: {
      title: { vi: 'Giấy chứng nhận kết hôn', en: 'Marriage certificate' },
      required: false,
    },
    authorisation: { title: { vi: 'Văn bản ủy quyền', en: 'Authorisation' }, required: false },
  },
  limit: '0wd',
  limits: { marriageUnverified: '3wd' },
  fee: {
    title: { vi: 'Lệ phí hộ tịch', en: 'Civil-status fee' },
    amount: { late: 8_000, copy: 8_000 },
    expires: '15d',
    silence: 'closing',
  },
  supplement: { within: '2wd', clock: 'restart', silence: 'refusal' },
  consultations: {
    // By law the other ward may take three days, but so may the whole registration, of which the last is our own.
    within: '2wd',
    silence: 'escalation',
    of: { marriage: { vi: 'Xác minh tình trạng hôn nhân', en: 'Verify the marriage' } },
  },
  tasks: {
    acceptance: {
      title: { vi: 'Tiếp nhận hồ sơ', en: 'Check and accept the application' },
      by: 'reception',
      due: '1wh',
      form: Acceptance,
    },
    verification: {
      title: { vi: 'Kiểm tra, xác minh', en: 'Verify the birth' },
      by: 'specialist',
      due: '1wh',
      told: 'application',
      form: form.Verification,
    },
    confirmation: {
      title: { vi: 'Xác nhận bản nháp giấy khai sinh', en: 'Confirm the draft certificate' },
      by: 'citizen',
      expires: '1d',
      silence: 'acceptance',
      clock: 'pause',
      told: 'application',
      form: form.Confirmation,
    },
    personalNumber: {
      title: { vi: 'Cấp số định danh cá nhân', en: 'Allocate the personal number' },
      by: 'registry',
      due: '1wh',
      told: 'personalNumber',
      form: form.Allocation,
    },
    settlement: {
      title: { vi: 'Xử lý việc không cấp được số định danh', en: 'Settle that no number was allocated' },
      by: 'specialist',
      due: '1wh',
      told: 'application',
      form: form.Settlement,
    },
    approval: {
      title: { vi: 'Ký duyệt', en: 'Approve and sign' },
      by: 'leader',
      due: '1wh',
      told: 'application',
      form: Review,
      notBy: ['verification'],
    },
    registration: {
      title: { vi: 'Ghi sổ hộ tịch, đóng dấu', en: 'Enter in the civil register and seal' },
      by: 'clerk',
      due: '1wh',
      form: Registration,
      notBy: ['approval'],
    },
  },
  documents: {
    certificate: {
      title: { vi: 'Giấy khai sinh', en: 'Birth certificate' },
      template: 'birth-registration/certificate',
      register: 'KS',
      numbered: 'by-year',
      signedBy: 'approval',
      holder: 'childName',
    },
    refusal: {
      title: { vi: 'Thông báo từ chối đăng ký khai sinh', en: 'Refusal of the registration' },
      template: 'birth-registration/refusal',
      register: 'TB',
      signedBy: 'approval',
    },
  },
} as const;

type Birth = Story<typeof facts>;

/** Birth registration under the Law on Civil Status of 2014, until 28 February 2027. */
export const birthRegistration = defineProcedure(facts, registerBirth);

async function registerBirth(story: Birth): Promise<string> {
  const { application, ask, tasks, accept, reject } = story;
  const [identity, birth, marriage] = await Promise.all([
    ask('identity', {}),
    ask('birth', {}),
    application.parentsMarried ? ask('marriage', {}) : { known: false },
  ]);
  const acceptance = await tasks.acceptance({ identity, birth, marriage });
  if (acceptance.decision === 'reject') return reject(acceptance.reasons);

  const unverified = application.parentsMarried && !marriage.known;
  await accept(unverified ? 'marriageUnverified' : undefined);
  const late = application.lateRegistration ? 1 : 0;
  if (!(await story.pay({ late, copy: application.copyCount }))) return 'unpaid';
  const opinions = unverified ? await story.consult(['marriage'], marriageQuestion) : [];
  return decide(story, { identity, birth, marriage, opinions });
}

const marriageQuestion =
  'Đề nghị xác minh việc đăng ký kết hôn mà người yêu cầu đã khai · Please verify the marriage that the requester stated';

/**
 * Verification, the requester's word, number, signature. What is missing and what the requester says to the draft is asked
 * for once, and so is the number; the leader may send the draft back.
 */
async function decide(story: Birth, findings: Record<string, unknown>): Promise<string> {
  const { tasks, supplement, issue } = story;
  const asked = { supplement: false, confirmation: false, number: false };
  for (let again: Record<string, unknown> = {}; ;) {
    const verification = await tasks.verification({ ...findings, ...again });
    const { missing, conclusion } = verification;
    if (missing.length > 0 && !asked.supplement) {
      asked.supplement = true;
      if (await supplement(missing)) {
        again = { supplied: true };
        continue;
      }
    }
    const eligible = conclusion === 'eligible' && missing.length === 0;
    if (eligible && !asked.confirmation) {
      asked.confirmation = true;
      const draft = await tasks.confirmation();
      if (draft?.decision === 'correct') {
        again = { corrected: true };
        continue;
      }
    }
    if (eligible && !asked.number) {
      asked.number = true;
      await allocateNumber(story);
    }
    const approval = await tasks.approval({ ...findings, verification });
    if (approval.decision === 'return') {
      again = { returned: approval.comment };
      continue;
    }
    await tasks.registration({ copies: story.application.copyCount });
    await issue(eligible ? 'certificate' : 'refusal', { verification });
    return eligible ? 'granted' : 'refused';
  }
}

/** Gets the child's personal number; what the registry cannot do, an officer settles. */
async function allocateNumber({ tasks }: Birth): Promise<void> {
  for (;;) {
    const { result, reason } = await tasks.personalNumber();
    if (result === 'allocated') return;
    const settled = await tasks.settlement({ result, reason });
    if (settled.decision === 'number-given') return;
  }
}
