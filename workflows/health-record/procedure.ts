import { z } from 'zod';
import { choice, defineProcedure, personal, type Story } from '../engine/index.ts';
import { reasoned, Review } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';
import { ownWords } from '../forms/health.ts';

const facts = {
  // The sources name no code for it; 9. is for what the national catalogue does not number.
  code: '9.000071',
  title: { vi: 'Mở hồ sơ sức khỏe điện tử', en: 'Open an electronic health record' },
  effectiveFrom: '2026-01-01',
  legalBasis: [
    'Nghị định số 102/2025/NĐ-CP, Điều 6',
    'Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15; Nghị định số 356/2025/NĐ-CP',
  ],
  lifeEvent: { vi: 'Chăm sóc sức khỏe', en: 'Health' },
  identityLevel: 2,
  application: z.object({
    insuranceNumber: personal(
      z
        .string()
        .regex(
          /^([A-Z]{2}[1-5]\d{12}|\d{10})$/,
          'Mã thẻ 15 ký tự hoặc 10 số · 15 characters of a card, or 10 digits',
        )
        .optional()
        .meta(label('Mã thẻ bảo hiểm y tế', 'Health-insurance number')),
    ),
    bloodType: personal(
      choice('Nhóm máu', 'Blood type', {
        'A+': ['A+', 'A+'],
        'A-': ['A-', 'A-'],
        'B+': ['B+', 'B+'],
        'B-': ['B-', 'B-'],
        'AB+': ['AB+', 'AB+'],
        'AB-': ['AB-', 'AB-'],
        'O+': ['O+', 'O+'],
        'O-': ['O-', 'O-'],
      }).optional(),
    ),
    pulls: z
      .literal(true)
      .meta(
        label(
          'Đồng ý lấy dữ liệu tiêm chủng và khám chữa bệnh bảo hiểm y tế của tôi',
          'Take over my immunisations and what health insurance has paid for',
        ),
      ),
  }),
  papers: {},
  limit: '10d',
  tasks: {
    identityCheck: {
      title: { vi: 'Đối chiếu danh tính', en: 'Check who it is' },
      by: 'reception',
      due: '8wh',
      form: z
        .object({
          decision: choice('Quyết định', 'Decision', {
            confirmed: ['Đúng người', 'It is the person'],
            'not-confirmed': ['Không xác nhận được', 'Not confirmed'],
          }),
          reasons: note('Lý do', 'Reasons').default(''),
        })
        .refine(({ decision, reasons }) => decision === 'confirmed' || reasons !== '', reasoned('reasons')),
    },
    review: {
      title: { vi: 'Xem, bổ sung và công bố hồ sơ', en: 'Review, add to and publish the record' },
      by: 'citizen',
      expires: '30d',
      silence: 'closing',
      clock: 'pause',
      told: 'pulledRecord',
      form: z.object({
        ...ownWords,
        publish: z.literal(true).meta(label('Tôi đồng ý công bố hồ sơ này', 'Publish this record')),
      }),
    },
    approval: {
      title: { vi: 'Kiểm tra, ký bản tóm tắt', en: 'Check and sign the summary' },
      by: 'leader',
      due: '2wd',
      told: 'recordDraft',
      form: Review,
    },
    request: {
      title: { vi: 'Yêu cầu về hồ sơ của tôi', en: 'A request about my record' },
      by: 'citizen',
      standing: true,
      entails: 'recordRestricted',
      form: z.object({
        wish: choice('Yêu cầu', 'What you want', {
          summary: ['Cấp lại bản tóm tắt mới nhất', 'A new summary'],
          correct: ['Đính chính thông tin', 'Correct something'],
          restrict: ['Tạm dừng mọi chia sẻ (có hiệu lực ngay)', 'Stop all sharing (at once)'],
          lift: ['Cho chia sẻ trở lại (có hiệu lực ngay)', 'Share again (at once)'],
          erase: ['Xóa hồ sơ', 'Erase the record'],
        }),
        details: personal(
          note('Nội dung', 'Details')
            .default('')
            .meta({ ...label('Nội dung', 'Details'), unused: 'the file shows it to whoever answers' }),
        ),
      }),
    },
    answer: {
      title: { vi: 'Trả lời yêu cầu của chủ thể dữ liệu', en: 'Answer the request' },
      by: 'head',
      // A request of a data subject is answered within two working days, and done within ten (Decree 356/2025).
      due: '2wd',
      told: 'application',
      form: z.object({
        decision: choice('Quyết định', 'Decision', {
          accept: ['Thực hiện', 'Do it'],
          refuse: ['Từ chối', 'Refuse'],
        }),
        reasons: note('Lý do, cách thực hiện', 'Reasons, and how').default(''),
      }),
    },
    fulfilment: {
      title: { vi: 'Thực hiện yêu cầu', en: 'Do what was asked for' },
      by: 'specialist',
      due: '10d',
      told: 'application',
      form: z.object({
        done: z.literal(true).meta(label('Đã thực hiện', 'Done')),
        what: note('Đã làm gì', 'What was done').default(''),
      }),
    },
    renewal: {
      title: { vi: 'Ký văn bản trả lời', en: 'Sign the answer' },
      by: 'leader',
      due: '2wd',
      told: 'recordDraft',
      form: z.object({
        signed: z.literal(true).meta({ ...label('Đồng ý ký', 'Signed'), unused: 'who performs it signs' }),
      }),
    },
    emergencyReview: {
      title: { vi: 'Kiểm tra việc mở hồ sơ khẩn cấp', en: 'Review an emergency access' },
      by: 'head',
      due: '24h',
      opensFromOutside: true,
      told: 'emergency',
      entails: 'emergencyJudged',
      form: z
        .object({
          verdict: choice('Kết luận', 'Verdict', {
            justified: ['Đúng trường hợp cấp cứu', 'It was an emergency'],
            abuse: ['Lạm dụng', 'It was an abuse'],
          }),
          reasons: personal(note('Căn cứ', 'Grounds').default('')),
        })
        .refine(({ verdict, reasons }) => verdict === 'justified' || reasons !== '', {
          path: ['reasons'],
          message: 'Ghi rõ căn cứ · Say on what grounds',
        }),
    },
  },
  outcomes: {
    'identity-not-confirmed': { vi: 'không xác nhận được danh tính', en: 'identity not confirmed' },
    'not-reviewed': { vi: 'người dân không xem, công bố trong hạn', en: 'not reviewed in time' },
    'opened-elsewhere': { vi: 'đã có hồ sơ khác', en: 'another record was opened meanwhile' },
    erased: { vi: 'hồ sơ đã xóa theo yêu cầu', en: 'erased at its citizen’s request' },
  },
  documents: {
    summary: {
      title: { vi: 'Bản tóm tắt hồ sơ sức khỏe', en: 'Summary of a health record' },
      template: 'health-record/summary',
      register: 'HSSK',
      signedBy: 'approval',
      gathers: 'healthSummary',
    },
    renewedSummary: {
      title: { vi: 'Bản tóm tắt hồ sơ sức khỏe', en: 'Summary of a health record' },
      template: 'health-record/summary',
      register: 'HSSK',
      signedBy: 'renewal',
      gathers: 'healthSummary',
    },
    reply: {
      title: { vi: 'Văn bản trả lời yêu cầu về dữ liệu', en: 'Answer to a request about data' },
      template: 'health-record/reply',
      register: 'TL',
      signedBy: 'renewal',
    },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

type Record = Story<typeof facts>;

/**
 * An electronic health record, opened once and kept for years: what registries know is pulled, its citizen reviews and publishes it;
 * from then on it is a relation with rights of the citizen, and with a review of whoever breaks the glass.
 */
export const healthRecord = defineProcedure<typeof facts>(facts, openRecord, { kept });

async function openRecord(story: Record): Promise<string> {
  const { ask, tasks, accept, reject, issue, turnTo } = story;
  const [identity, known] = await Promise.all([ask('identity', {}), ask('healthRecord', {})]);
  if (known.found) return reject('Đã có hồ sơ sức khỏe điện tử · There is a health record already');
  if (!identity.match) {
    const check = await tasks.identityCheck({ identity });
    if (check.decision === 'not-confirmed') {
      await reject(check.reasons);
      return 'identity-not-confirmed';
    }
  }
  await accept();
  const [vaccinations, claims] = await Promise.all([ask('vaccinations', {}), ask('insuranceClaims', {})]);
  for (let returned: { returned?: string } = {}; ;) {
    const review = await tasks.review({ vaccinations, claims, ...returned });
    if (!review) return 'not-reviewed';
    // Who has filed twice may have published the other one meanwhile.
    if ((await ask('healthRecord', {})).found) return 'opened-elsewhere';
    const approval = await tasks.approval();
    if (approval.decision === 'approve') break;
    returned = { returned: approval.comment };
  }
  await issue('summary', {});
  const { published } = await ask('publishRecord', {});
  if (!published) return 'opened-elsewhere';
  await ask('recordHandOver', {});
  return turnTo('kept', {});
}

/** The years in which the record is kept: it waits for nothing but what its citizen wants. */
async function kept({ tasks, ask, issue, turnTo }: Record): Promise<string> {
  const request = await tasks.request();
  const wish = request?.wish ?? 'summary';
  const answer = await tasks.answer({ request: { wish } });
  if (answer.decision === 'accept' && (wish === 'correct' || wish === 'erase'))
    await tasks.fulfilment({ request: { wish }, answer });
  await tasks.renewal({ request: { wish }, answer });
  const done = answer.decision === 'accept';
  if (wish === 'summary' && done) await issue('renewedSummary', {});
  else await issue('reply', { wish, answer });
  if (wish !== 'erase' || !done) return turnTo('kept', {});
  await ask('eraseRecord', {});
  return 'erased';
}
