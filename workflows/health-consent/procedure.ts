import { z } from 'zod';
import { choice, defineProcedure, personal, type Story, type WrongField } from '../engine/index.ts';
import { reasoned } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';
import { anyClasses, classes, sensitive } from '../forms/health.ts';
import { Missing } from '../forms/missing.ts';

/** The longest time for which somebody may consent. */
const mostYears = 5;

const lastDayFrom = (day: string) => `${Number(day.slice(0, 4)) + mostYears}${day.slice(4)}`;

/** A consent is for the future, and for five years at most. */
function checkPeriod({
  day,
  answers,
}: {
  day: string;
  answers: Readonly<Record<string, unknown>>;
}): WrongField[] {
  const { from = day, to } = answers as { from?: string; to: string };
  const wrong = (field: string, message: string) => ({ path: [field], message });
  return [
    ...(from < day ? [wrong('from', 'Không lùi về trước hôm nay · Not before today')] : []),
    ...(to < from ? [wrong('to', 'Phải sau ngày bắt đầu · It must be after the first day')] : []),
    ...(to > lastDayFrom(from) ? [wrong('to', 'Tối đa 5 năm · For 5 years at most')] : []),
  ];
}

const facts = {
  // The sources name no code for it; 9. is for what the national catalogue does not number.
  code: '9.000072',
  title: { vi: 'Đồng ý chia sẻ dữ liệu sức khỏe', en: 'Consent to share health data' },
  effectiveFrom: '2026-01-01',
  legalBasis: ['Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15, Điều 26', 'Nghị định số 356/2025/NĐ-CP'],
  lifeEvent: { vi: 'Chăm sóc sức khỏe', en: 'Health' },
  identityLevel: 2,
  application: z.object({
    recipient: z
      .string()
      .regex(/^[A-Z]\d{2}(\.\d{2,3}){0,3}$/)
      .meta({ ...label('Bên nhận dữ liệu', 'Who receives the data'), widget: 'agency' }),
    purpose: choice('Mục đích', 'What for', {
      treatment: ['Khám bệnh, chữa bệnh', 'Treatment'],
      emergency: ['Cấp cứu', 'Emergencies'],
      research: ['Nghiên cứu', 'Research'],
      insurance: ['Bảo hiểm', 'Insurance'],
      education: ['Giáo dục', 'Education'],
      employment: ['Tuyển dụng', 'Employment'],
    }),
    classes: classes.meta(label('Phạm vi dữ liệu', 'Which data')),
    sensitive: sensitive.meta(
      label(
        'Trong đó gồm cả dữ liệu nhạy cảm',
        'Among them also sensitive data (nobody sees them otherwise)',
      ),
    ),
    from: z.iso.date().optional().meta(label('Từ ngày', 'From')),
    to: z.iso.date().meta(label('Đến hết ngày', 'Until the end of')),
  }),
  checkOn: checkPeriod,
  papers: {
    writtenRequest: {
      title: {
        vi: 'Văn bản đề nghị của người bệnh (bắt buộc với mục đích bảo hiểm)',
        en: 'The patient’s written request (needed for insurance)',
      },
      required: false,
    },
  },
  limit: '2wd',
  supplement: { within: '15d', clock: 'restart', silence: 'closing' },
  tasks: {
    registration: {
      title: { vi: 'Kiểm tra, ký ghi nhận sự đồng ý', en: 'Check and sign the consent' },
      by: 'leader',
      due: '1wd',
      told: 'application',
      form: z
        .object({
          missing: z.array(Missing).max(5).default([]).meta(label('Cần bổ sung', 'Missing')),
          decision: choice('Quyết định', 'Decision', {
            register: ['Ghi nhận', 'Register'],
            refuse: ['Không ghi nhận', 'Do not register'],
          }),
          reasons: note('Lý do', 'Reasons').default(''),
        })
        .refine(({ decision, reasons }) => decision === 'register' || reasons !== '', reasoned('reasons')),
    },
    change: {
      title: { vi: 'Thay đổi hoặc rút lại sự đồng ý', en: 'Change or withdraw the consent' },
      by: 'citizen',
      standing: true,
      entails: 'consentChanged',
      form: z
        .object({
          decision: choice('Bạn muốn', 'You want to', {
            withdraw: [
              'Rút lại: bên nhận không xem được nữa ngay khi bạn gửi, và phải xóa hoặc ngừng dùng trong 15 ngày',
              'Withdraw: from now on the recipient sees nothing, and must delete or stop using it within 15 days',
            ],
            replace: ['Thay bằng phạm vi, thời hạn mới', 'Replace it by another scope or period'],
          }),
          classes: anyClasses.meta(label('Phạm vi dữ liệu mới', 'Which data from now on')),
          sensitive: sensitive.meta(
            label('Trong đó gồm cả dữ liệu nhạy cảm', 'Among them also sensitive data'),
          ),
          until: z.iso.date().optional().meta(label('Đến hết ngày', 'Until the end of')),
          reason: personal(note('Lý do (không bắt buộc)', 'Reason (optional)').default('')),
        })
        .refine(
          ({ decision, classes: given, until }) => decision === 'withdraw' || (given.length > 0 && until),
          {
            path: ['until'],
            message: 'Chọn phạm vi và thời hạn mới · Say which data, and until when',
          },
        ),
    },
    certification: {
      title: { vi: 'Ký xác nhận thay đổi', en: 'Certify the change' },
      by: 'leader',
      // A data subject is answered within two working days (Decree 356/2025).
      due: '2wd',
      form: z.object({
        certified: z
          .literal(true)
          .meta({ ...label('Đồng ý ký', 'Certified'), unused: 'who performs it signs' }),
      }),
    },
    confirmation: {
      title: {
        vi: 'Xác nhận đã xóa hoặc hạn chế xử lý dữ liệu',
        en: 'Confirm that the data are deleted or restricted',
      },
      by: 'consulted',
      expires: '15d',
      silence: 'refusal',
      form: z.object({
        done: choice('Đã thực hiện', 'What was done', {
          deleted: ['Đã xóa', 'Deleted'],
          restricted: ['Đã hạn chế xử lý', 'Restricted'],
        }),
        basis: note('Căn cứ nếu chỉ hạn chế', 'Why only restricted')
          .default('')
          .meta({
            ...label('Căn cứ nếu chỉ hạn chế', 'Why only restricted'),
            unused: 'the record of the case keeps it',
          }),
      }),
    },
    escalation: {
      title: { vi: 'Xử lý bên nhận không xác nhận', en: 'Settle that the recipient has not confirmed' },
      by: 'head',
      due: '5wd',
      form: z.object({
        decision: choice('Cách xử lý', 'What to do', {
          report: ['Báo cơ quan bảo vệ dữ liệu cá nhân', 'Report it to the data-protection authority'],
          'ask-again': ['Yêu cầu lại', 'Ask again'],
        }),
        note: note('Ghi chú', 'Note').default(''),
      }),
    },
  },
  outcomes: {
    expired: { vi: 'đã hết thời hạn đồng ý', en: 'expired' },
    'no-record': { vi: 'không còn hồ sơ sức khỏe', en: 'there is no health record any more' },
    'withdrawn-confirmed': {
      vi: 'đã rút lại, bên nhận đã xác nhận',
      en: 'withdrawn, and confirmed by the recipient',
    },
    'withdrawn-unconfirmed': {
      vi: 'đã rút lại, bên nhận không xác nhận',
      en: 'withdrawn, not confirmed by the recipient',
    },
  },
  documents: {
    consent: {
      title: { vi: 'Phiếu ghi nhận sự đồng ý', en: 'Record of a consent' },
      template: 'health-consent/consent',
      register: 'ĐYDL',
      signedBy: 'registration',
      gathers: 'consentTerms',
      validUntil: ({ answers }) => answers['to'] as string,
    },
    refusal: {
      title: { vi: 'Thông báo không ghi nhận sự đồng ý', en: 'Refusal to register a consent' },
      template: 'health-consent/refusal',
      register: 'TB',
      signedBy: 'registration',
    },
    newVersion: {
      title: { vi: 'Phiếu ghi nhận sự đồng ý', en: 'Record of a consent' },
      template: 'health-consent/consent',
      register: 'ĐYDL',
      signedBy: 'certification',
      gathers: 'consentTerms',
    },
    withdrawal: {
      title: { vi: 'Giấy xác nhận rút lại sự đồng ý', en: 'Confirmation of a withdrawal' },
      template: 'health-consent/withdrawal',
      register: 'RDL',
      signedBy: 'certification',
      gathers: 'consentTerms',
    },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

type Consent = Story<typeof facts>;

/** Where a consent stands: which version of it, and until when (ISO date). */
interface Standing {
  version: number;
  until: string;
}

/**
 * A citizen's consent to share health data: granted by recipient, purpose, data and period, then in force for up to five years. It can be
 * withdrawn or replaced at any time; the recipient then confirms deletion within 15 days, or it is escalated.
 */
export const healthConsent = defineProcedure<typeof facts>(facts, grant, { active, withdrawn });

async function grant(story: Consent): Promise<string> {
  const { application, ask, tasks, accept, reject, supplement, issue, turnTo } = story;
  const record = await ask('healthRecord', {});
  if (!record.found) return reject('Chưa có hồ sơ sức khỏe điện tử · There is no health record yet');
  await accept();
  let registration = await tasks.registration();
  if (registration.missing.length > 0) {
    if (!(await supplement(registration.missing))) return 'unsupplied';
    registration = await tasks.registration({ supplied: true });
  }
  if (registration.decision === 'refuse') {
    await issue('refusal', { registration });
    return 'refused';
  }
  const standing = { version: 1, until: application.to };
  await issue('consent', { ...standing, change: null });
  const { granted } = await ask('grantConsent', {});
  return granted ? turnTo('active', standing) : 'no-record';
}

/** In force until its last day, unless its citizen says otherwise; what they say counts from that instant. */
async function active(story: Consent, { version, until }: Standing): Promise<string> {
  const { tasks, ask, issue, turnTo } = story;
  const change = await tasks.change({ version, until }, { until });
  if (!change) {
    await ask('endConsent', {});
    await story.notify('consent-expired');
    return 'expired';
  }
  if (change.decision === 'withdraw' || !change.until) return turnTo('withdrawn', { version, until });
  const next = { version: version + 1, until: change.until };
  await tasks.certification({ change });
  await issue('newVersion', { ...next, change });
  return turnTo('active', next);
}

/** Withdrawn: the citizen is answered, and the recipient must confirm. */
async function withdrawn(story: Consent, { version }: Standing): Promise<string> {
  const [, outcome] = await Promise.all([certify(story, version), haveConfirmed(story)]);
  return outcome;
}

async function certify({ tasks, issue }: Consent, version: number): Promise<void> {
  await tasks.certification({ withdrawn: version });
  await issue('withdrawal', { version });
}

async function haveConfirmed(story: Consent): Promise<string> {
  const { application, tasks, notify } = story;
  for (;;) {
    const { purpose } = application;
    const confirmed = await tasks.confirmation(
      { purpose, case: story.case.code },
      { agency: application.recipient },
    );
    if (confirmed) {
      await notify('consent-confirmed');
      return 'withdrawn-confirmed';
    }
    const { decision } = await tasks.escalation({ recipient: application.recipient });
    if (decision === 'ask-again') continue;
    await notify('consent-unconfirmed');
    return 'withdrawn-unconfirmed';
  }
}
