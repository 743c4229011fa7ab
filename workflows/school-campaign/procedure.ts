import { z } from 'zod';
import { defineProcedure, type AllocationProblem, type Story } from '../engine/index.ts';
import { allocate } from './allocation.ts';
import { childOf } from './children.ts';
import { criteria } from './criteria.ts';
import {
  Approval,
  Conclusion,
  Handed,
  mostPerClass,
  Plan,
  PlanApproval,
  Ready,
  roundsOf,
  School,
} from './forms.ts';
import type { Problem } from './placing.ts';

const wait = (vi: string, en: string) =>
  ({ title: { vi, en }, by: 'engine', expires: 'told', silence: 'closing', form: z.object({}) }) as const;

const facts = {
  // The sources name no code for it; 9. is for what the national catalogue does not number.
  code: '9.000060',
  title: { vi: 'Tổ chức đợt tuyển sinh vào lớp 1', en: 'Hold an enrolment campaign for grade 1' },
  effectiveFrom: '2026-07-01',
  legalBasis: [
    'Luật Giáo dục số 43/2019/QH14',
    'Thông tư số 15/2026/TT-BGDĐT, Điều 31, Điều 36',
    'Kế hoạch tuyển sinh hằng năm của Ủy ban nhân dân Thành phố',
  ],
  applicant: 'agency',
  filedBy: 'specialist',
  application: Plan,
  papers: {
    decision: {
      title: { vi: 'Quyết định thành lập Ban chỉ đạo', en: 'Decision on the committee' },
      required: false,
    },
  },
  limit: '12m',
  campaign: {
    of: '9.000061',
    offerTitle: { vi: 'Trường', en: 'School' },
    offer: School,
    shown: ['address', 'neighbourhoods', 'programmes'],
    places: (details) => {
      const { classes, perClass } = details as { classes: number; perClass: number };
      return { planned: classes * perClass, most: classes * mostPerClass };
    },
    rounds: roundsOf,
    keepsDays: 3,
    check: ({ offers }) =>
      offers
        .map(({ code, details }) => ({ code, school: details as unknown as School }))
        .filter(({ school }) => school.neighbourhoods.length === 0 && !school.area)
        .map(({ code }) => ({
          path: ['offers', code],
          message: 'Trường chưa có tuyến tuyển sinh · The school has no catchment yet',
        })),
    criteria,
    input: childOf,
    allocate: (problem: AllocationProblem) => allocate(problem as unknown as Problem),
  },
  tasks: {
    plan: {
      title: {
        vi: 'Lập kế hoạch: trường, chỉ tiêu, tuyến tuyển sinh',
        en: 'Plan schools, places and catchments',
      },
      by: 'specialist',
      due: '20wd',
      form: Ready,
    },
    planApproval: {
      title: { vi: 'Phê duyệt, công bố kế hoạch', en: 'Approve and announce the plan' },
      by: 'leader',
      due: '5wd',
      notBy: ['plan'],
      form: PlanApproval,
    },
    registration: wait('Nhận đăng ký của phụ huynh', 'Take the parents’ applications'),
    checking: wait('Xác minh hồ sơ', 'Verify the applications'),
    approval: {
      title: { vi: 'Duyệt kết quả xét', en: 'Approve the allocation' },
      by: 'head',
      due: '2wd',
      form: Approval,
    },
    committee: {
      title: { vi: 'Ban chỉ đạo thông qua kết quả xét', en: 'The committee passes the allocation' },
      by: 'committee',
      due: '3wd',
      panel: 3,
      notBy: ['approval', 'plan'],
      form: Approval,
    },
    confirming: wait('Xác nhận nhập học, gọi danh sách chờ', 'Confirmations, and the waiting list'),
    classLists: {
      title: { vi: 'Bàn giao danh sách lớp cho cơ sở dữ liệu giáo dục', en: 'Hand the class lists over' },
      by: 'specialist',
      due: '5wd',
      form: Handed,
    },
    conclusion: {
      title: { vi: 'Ký báo cáo kết quả đợt', en: 'Sign the report of the campaign' },
      by: 'leader',
      due: '5wd',
      notBy: ['plan', 'classLists'],
      form: Conclusion,
    },
  },
  documents: {
    plan: {
      title: { vi: 'Kế hoạch tuyển sinh vào lớp 1', en: 'Enrolment plan' },
      template: 'school-campaign/plan',
      register: 'KH',
      signedBy: 'planApproval',
      interim: true,
    },
    results: {
      title: { vi: 'Quyết định phê duyệt kết quả xét tuyển', en: 'Decision on the allocation' },
      template: 'school-campaign/results',
      register: 'QĐ',
      signedBy: 'approval',
      interim: true,
    },
    report: {
      title: { vi: 'Báo cáo kết quả tuyển sinh vào lớp 1', en: 'Report of the campaign' },
      template: 'school-campaign/report',
      register: 'BC',
      signedBy: 'conclusion',
    },
  },
  outcomes: {
    concluded: { vi: 'đã hoàn thành', en: 'concluded' },
    cancelled: { vi: 'không tổ chức', en: 'not held' },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

type Enrolment = Story<typeof facts>;
interface At {
  round: number;
}

/**
 * An enrolment campaign of a ward: planned and announced, then round by round applications are taken, verified, allocated by an open
 * rule, approved by the head and the committee, confirmed and given on; in the end the class lists go to the education registry.
 */
export const schoolCampaign = defineProcedure<typeof facts>(facts, planIt, {
  round: (story, at: At) => holdRound(story, at),
  closing: (story) => closeIt(story),
});

async function planIt({ accept, tasks, campaign, publish, turnTo }: Enrolment): Promise<string> {
  await accept();
  let told: Record<string, unknown> = {};
  for (;;) {
    await tasks.plan(told);
    const { decision, comment } = await tasks.planApproval();
    if (decision === 'cancel') return 'cancelled';
    const { wrong, commitments } =
      decision === 'approve' ? await campaign.announce() : { wrong: [], commitments: [] };
    if (decision === 'approve' && wrong.length === 0) {
      const rounds = campaign.rounds.map((round, index) => ({ ...round, commitment: commitments[index] }));
      await publish('plan', { offers: await campaign.progress(), rounds, criteria });
      return turnTo('round', { round: 1 });
    }
    told = { returned: comment, wrong: wrong.map(({ path, message }) => `${path.join('/')}: ${message}`) };
  }
}

/** A round in a run of its own: what thousands of members do in it is counted in the records and never tells this history. */
async function holdRound(story: Enrolment, { round }: At): Promise<string> {
  const { tasks, campaign, publish, turnTo } = story;
  const times = campaign.rounds[round - 1]!;
  const last = round === campaign.rounds.length;
  await tasks.registration({ round }, { until: times.closes });
  await tasks.checking({ round }, { until: times.checkedBy });
  const allocation = await approved(story, round);
  await campaign.publish(round, allocation);
  await publish('results', { round, allocation, offers: await campaign.progress() });
  await campaign.giveOnUntil(tasks.confirming({ round }, { until: times.givenOnUntil }));
  if (last) return turnTo('closing', {});
  await campaign.carryOver(round);
  return turnTo('round', { round: round + 1 });
}

/** Allocates until the head and every member of the committee approve. */
async function approved({ tasks, campaign }: Enrolment, round: number) {
  let returned: string[] = [];
  for (;;) {
    const allocation = await campaign.allocate(round);
    const told = { round, ...allocation, returned };
    const head = await tasks.approval(told);
    const votes = head.decision === 'approve' ? await tasks.committee(told) : [];
    const against = [head, ...votes].filter(({ decision }) => decision === 'return');
    if (against.length === 0) return allocation;
    returned = against.map(({ comment }) => comment);
  }
}

async function closeIt({ application, tasks, ask, campaign, issue }: Enrolment): Promise<string> {
  await campaign.close();
  const offers = await campaign.progress();
  await tasks.classLists({ offers });
  const year = application.schoolYear;
  const handedOver = await Promise.all(
    offers.map(async ({ code, confirmed }) =>
      confirmed > 0
        ? { code, ...(await ask('classLists', { offer: code, year })) }
        : { code, pupils: 0, classes: 0 },
    ),
  );
  const { remarks } = await tasks.conclusion({ handedOver });
  await issue('report', { offers, handedOver, remarks });
  return 'concluded';
}
