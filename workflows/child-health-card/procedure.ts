import { z } from 'zod';
import { choice, defineProcedure, personal, type Story } from '../engine/index.ts';
import { Acceptance, Registration, Review } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';
import { cardEnds, insurance, isUnderSix, registeredChild } from '../forms/registered-child.ts';

const facts = {
  // The sources name no code for the card of a child; 9. is for what the national catalogue does not number.
  code: '9.000047',
  title: {
    vi: 'Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi',
    en: 'Health-insurance card of a child under 6',
  },
  effectiveFrom: '2026-01-01',
  legalBasis: ['Luật Bảo hiểm y tế số 25/2008/QH12, sửa đổi năm 2024', 'Nghị định số 63/2024/NĐ-CP'],
  lifeEvent: { vi: 'Sinh con', en: 'Having a child' },
  application: z.object({ ...registeredChild, ...insurance }),
  checkOn: ({ day, answers }) =>
    isUnderSix(answers['childDob'] as string, day)
      ? []
      : [{ path: ['childDob'], message: 'Trẻ đã đủ 6 tuổi · The child is 6 years old' }],
  papers: {},
  limit: '10d',
  tasks: {
    acceptance: {
      title: { vi: 'Tiếp nhận hồ sơ bảo hiểm y tế', en: 'Check and accept the application' },
      by: 'reception',
      due: '8wh',
      told: 'application',
      form: Acceptance,
    },
    card: {
      title: { vi: 'Lập thẻ bảo hiểm y tế', en: 'Make the card' },
      by: 'registry',
      due: '2wd',
      told: 'healthCard',
      form: z
        .object({
          result: choice('Kết quả', 'Result', {
            made: ['Đã làm thẻ', 'Made'],
            'not-made': ['Không làm được', 'Not made'],
          }),
          cardNumber: personal(
            z
              .string()
              .regex(/^[A-Z]{2}[1-5]\d{12}$/, 'Mã thẻ 15 ký tự · A card number of 15 characters')
              .optional()
              .meta(label('Mã số thẻ', 'Card number')),
          ),
          validFrom: personal(z.iso.date().optional().meta(label('Giá trị sử dụng từ', 'Valid from'))),
          reason: note('Lý do', 'Reason').default(''),
        })
        .refine(({ result, cardNumber, validFrom }) => result === 'not-made' || (cardNumber && validFrom), {
          path: ['cardNumber'],
          message: 'Phải có mã thẻ và ngày hiệu lực · Number and date of the card must be given',
        }),
    },
    settlement: {
      title: { vi: 'Xử lý việc không lập được thẻ', en: 'Settle that no card was made' },
      by: 'specialist',
      due: '2wd',
      told: 'application',
      form: z.object({
        decision: choice('Cách xử lý', 'What to do', {
          'ask-again': ['Yêu cầu lại', 'Ask again'],
          refuse: ['Từ chối', 'Refuse'],
        }),
        reasons: z.string().trim().min(1).max(2000).meta(label('Căn cứ', 'Grounds')),
      }),
    },
    approval: {
      title: { vi: 'Ký duyệt thẻ', en: 'Approve and sign' },
      by: 'leader',
      due: '8wh',
      told: 'application',
      form: Review,
      notBy: ['settlement'],
    },
    registration: {
      title: { vi: 'Vào sổ, đóng dấu', en: 'Register and seal' },
      by: 'clerk',
      due: '4wh',
      form: Registration,
      notBy: ['approval'],
    },
  },
  documents: {
    card: {
      title: { vi: 'Thẻ bảo hiểm y tế', en: 'Health-insurance card' },
      template: 'child-health-card/card',
      register: 'BHYT',
      signedBy: 'approval',
      holder: 'childName',
      validUntil: ({ answers }) => cardEnds(answers['childDob'] as string),
    },
    refusal: {
      title: { vi: 'Thông báo từ chối cấp thẻ bảo hiểm y tế', en: 'Refusal of the card' },
      template: 'child-health-card/refusal',
      register: 'TB',
      signedBy: 'approval',
    },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

/** Health-insurance card of a child under 6, free of charge, by itself or as a branch of 2.000986; result KQ.G18.000047. */
export const childHealthCard = defineProcedure<typeof facts>(facts, giveCard);

async function giveCard(story: Story<typeof facts>): Promise<string> {
  const { application, tasks, accept, reject, issue } = story;
  const acceptance = await tasks.acceptance();
  if (acceptance.decision === 'reject') return reject(acceptance.reasons);
  await accept();

  let refusal = await makeCard(story);
  for (;;) {
    const approval = await tasks.approval({ refusal, receiveBy: application.receiveBhyt });
    if (approval.decision === 'approve') break;
    refusal = await settle(story, { returned: approval.comment });
  }
  await tasks.registration();
  await issue(refusal ? 'refusal' : 'card', refusal ? { refusal } : {});
  return refusal ? 'refused' : 'granted';
}

interface Refusal {
  reasons: string;
}

/** Has the card made; gives the grounds when an officer has settled that there is none. */
async function makeCard(story: Story<typeof facts>): Promise<Refusal | undefined> {
  const { result, reason } = await story.tasks.card();
  return result === 'made' ? undefined : settle(story, { reason });
}

/** An officer has the card asked for again, or refuses it. */
async function settle(
  story: Story<typeof facts>,
  why: Record<string, unknown>,
): Promise<Refusal | undefined> {
  const { decision, reasons } = await story.tasks.settlement(why);
  return decision === 'refuse' ? { reasons } : makeCard(story);
}
