import { z } from 'zod';
import { defineProcedure, type Story } from '../engine/index.ts';
import { Acceptance, Finding, Registration, Review } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';
import { household, registeredChild } from '../forms/registered-child.ts';

const facts = {
  code: '1.004222',
  title: { vi: 'Đăng ký thường trú cho trẻ em', en: 'Permanent residence of a child' },
  effectiveFrom: '2026-01-01',
  legalBasis: ['Luật Cư trú số 68/2020/QH14, Điều 20-22', 'Nghị định số 63/2024/NĐ-CP'],
  lifeEvent: { vi: 'Sinh con', en: 'Having a child' },
  application: z.object({ ...registeredChild, ...household }),
  papers: {
    consent: {
      title: { vi: 'Ý kiến đồng ý của chủ hộ, chủ sở hữu chỗ ở', en: 'Consent of the household' },
      required: false,
    },
  },
  limit: '15d',
  tasks: {
    acceptance: {
      title: { vi: 'Tiếp nhận hồ sơ cư trú', en: 'Check and accept the application' },
      by: 'reception',
      due: '8wh',
      told: 'application',
      form: Acceptance,
    },
    consent: {
      title: { vi: 'Chủ hộ xác nhận trên VNeID', en: 'Consent of the household by VNeID' },
      by: 'registry',
      expires: '7d',
      warn: '3d',
      silence: 'refusal',
      told: 'householdConsent',
      form: z.object({
        consents: z.boolean().meta(label('Đồng ý', 'Consents')),
        reason: note('Lý do', 'Reason').default(''),
      }),
    },
    verification: {
      title: { vi: 'Kiểm tra, xác minh nơi cư trú', en: 'Verify the residence' },
      by: 'specialist',
      due: '2wd',
      told: 'application',
      form: Finding,
    },
    approval: {
      title: { vi: 'Ký duyệt kết quả cư trú', en: 'Approve and sign' },
      by: 'leader',
      due: '8wh',
      told: 'application',
      form: Review,
      notBy: ['verification'],
    },
    registration: {
      title: {
        vi: 'Cập nhật cơ sở dữ liệu cư trú, đóng dấu',
        en: 'Enter in the residence database and seal',
      },
      by: 'clerk',
      due: '4wh',
      form: Registration,
      notBy: ['approval'],
    },
  },
  documents: {
    registered: {
      title: { vi: 'Thông báo kết quả đăng ký thường trú', en: 'Notice of the registered residence' },
      template: 'child-residence/registered',
      register: 'TB',
      signedBy: 'approval',
      holder: 'childName',
    },
    refusal: {
      title: { vi: 'Thông báo từ chối đăng ký cư trú', en: 'Refusal of the residence' },
      template: 'child-residence/refusal',
      register: 'TB',
      signedBy: 'approval',
    },
  },
} as const;

/**
 * Permanent residence of a child, by itself or as a branch of 2.000986: the head of the household consents in VNeID within
 * 7 days, and silence is refusal; results KQ.G01.000065 or refusal KQ.G01.000067.
 */
export const childResidence = defineProcedure(facts, registerResidence);

async function registerResidence({ application, tasks, accept, reject, issue }: Story<typeof facts>) {
  const acceptance = await tasks.acceptance();
  if (acceptance.decision === 'reject') return reject(acceptance.reasons);
  await accept();

  const consent =
    application.ownerConsentMode === 'vneid' ? await tasks.consent() : { consents: true, reason: '' };
  let finding = consent?.consents ? await tasks.verification({ consent }) : withoutConsent(consent);
  for (;;) {
    const approval = await tasks.approval({ consent, finding });
    if (approval.decision === 'approve') break;
    finding = await tasks.verification({ consent, returned: approval.comment });
  }
  await tasks.registration();
  const eligible = finding.conclusion === 'eligible';
  await issue(eligible ? 'registered' : 'refusal', { finding });
  return eligible ? 'granted' : 'refused';
}

/** Without the household's consent there is nothing to verify; its silence is refusal. */
const withoutConsent = (consent: { reason: string } | undefined) => ({
  conclusion: 'not-eligible' as const,
  reasons: consent
    ? `Chủ hộ không đồng ý cho đăng ký thường trú. ${consent.reason}`.trim()
    : 'Hết 07 ngày mà chủ hộ không xác nhận đồng ý cho đăng ký thường trú.',
});
