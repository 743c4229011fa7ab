import { z } from 'zod';
import { defineProcedure, type Placed, type Story } from '../engine/index.ts';
import {
  Appeal,
  AppealDecision,
  Application,
  checkAge,
  Confirmation,
  ExtraPlace,
  Verification,
} from './forms.ts';

const paper = (vi: string, en: string) => ({ title: { vi, en }, required: false });

const facts = {
  // The sources name no code for enrolment; 9. is for what the national catalogue does not number.
  code: '9.000061',
  title: { vi: 'Đăng ký tuyển sinh vào lớp 1', en: 'A place in grade 1' },
  effectiveFrom: '2026-07-01',
  legalBasis: [
    'Luật Giáo dục số 43/2019/QH14',
    'Thông tư số 15/2026/TT-BGDĐT, Điều 31, Điều 36',
    'Kế hoạch tuyển sinh hằng năm của Ủy ban nhân dân Thành phố',
  ],
  lifeEvent: { vi: 'Con đi học', en: 'A child goes to school' },
  application: Application,
  checkOn: checkAge,
  pages: [
    {
      title: { vi: 'Trẻ', en: 'The child' },
      fields: ['childName', 'childPersonalNumber', 'childDob', 'childGender', 'ethnicity', 'ageException'],
    },
    {
      title: { vi: 'Nơi ở', en: 'Where the child lives' },
      fields: ['residenceStatus', 'residentSince', 'currentAddress', 'home'],
    },
    {
      title: { vi: 'Cha mẹ, người giám hộ', en: 'Parents and guardian' },
      fields: ['father', 'mother', 'guardian'],
    },
    {
      title: { vi: 'Nguyện vọng', en: 'Wishes' },
      fields: ['wishes', 'acceptOther', 'siblingPersonalNumber', 'hasPriority', 'priorityGroup'],
    },
    {
      title: { vi: 'Học tập', en: 'Learning' },
      fields: [
        'preschoolDone',
        'preschoolName',
        'twoSession',
        'boarding',
        'foreignLanguageStream',
        'specialNeeds',
      ],
    },
  ],
  area: 'currentAddress',
  papers: {
    priorityProof: paper('Giấy tờ chứng minh diện ưu tiên', 'Proof of the priority group'),
    residenceProof: paper('Giấy tờ về nơi cư trú', 'Proof of residence'),
    ageProof: paper('Giấy tờ về độ tuổi ngoại lệ', 'Proof of the reason for another age'),
    appealProof: paper('Tài liệu kèm khiếu nại', 'Documents for an appeal'),
  },
  limit: '6m',
  membership: {
    offers: (answers) =>
      (answers['wishes'] as { school: string }[]).map(({ school }, index) => ({
        path: ['wishes', String(index), 'school'],
        code: school,
      })),
    about: (answers) => ({
      path: ['childPersonalNumber'],
      key: answers['childPersonalNumber'] as string,
    }),
    due: '2m',
  },
  tasks: {
    verification: {
      title: { vi: 'Xác minh thông tin chưa khớp', en: 'Verify what the registries do not confirm' },
      by: 'specialist',
      expires: 'told',
      silence: 'refusal',
      told: 'application',
      amendable: true,
      form: Verification,
    },
    confirmation: {
      title: { vi: 'Xác nhận nhập học', en: 'Confirm the place' },
      by: 'citizen',
      expires: 'told',
      silence: 'refusal',
      warn: '5d',
      form: Confirmation,
    },
    appeal: {
      title: { vi: 'Khiếu nại kết quả', en: 'Appeal against the result' },
      by: 'citizen',
      expires: 'told',
      silence: 'acceptance',
      form: Appeal,
    },
    appealDecision: {
      title: { vi: 'Giải quyết khiếu nại', en: 'Decide on the appeal' },
      by: 'leader',
      due: '10d',
      told: 'application',
      notBy: ['verification', 'campaign.approval', 'campaign.committee'],
      form: AppealDecision,
    },
    extraPlace: {
      title: { vi: 'Cho ý kiến về chỗ tăng thêm', en: 'Give an opinion on an extra place' },
      by: 'committee',
      due: '5d',
      panel: 3,
      form: ExtraPlace,
    },
    confirmationAfterAppeal: {
      title: { vi: 'Xác nhận sau khi giải quyết khiếu nại', en: 'Confirm the place after the appeal' },
      by: 'citizen',
      expires: '3d',
      silence: 'refusal',
      form: z.object({ decision: Confirmation.shape.decision.exclude(['appeal']) }),
    },
  },
  documents: {
    admission: {
      title: { vi: 'Thông báo trúng tuyển vào lớp 1', en: 'Notice of admission to grade 1' },
      template: 'school-place/admission',
      register: 'TB',
      signedBy: 'campaign.approval',
      holder: 'childName',
    },
    noPlace: {
      title: { vi: 'Thông báo kết quả xét tuyển vào lớp 1', en: 'Notice that there is no place' },
      template: 'school-place/no-place',
      register: 'TB',
      signedBy: 'campaign.approval',
      holder: 'childName',
    },
    appealDecision: {
      title: { vi: 'Quyết định giải quyết khiếu nại', en: 'Decision on the appeal' },
      template: 'school-place/appeal-decision',
      register: 'QĐ',
      signedBy: 'appealDecision',
      interim: true,
      holder: 'childName',
    },
  },
  outcomes: {
    admitted: { vi: 'trúng tuyển, đã xác nhận nhập học', en: 'admitted, the place is confirmed' },
    declined: { vi: 'không nhận chỗ', en: 'the place was declined' },
    unconfirmed: {
      vi: 'không xác nhận đúng hạn, chỗ được chuyển',
      en: 'not confirmed in time, the place went on',
    },
    'not-admitted': { vi: 'không có chỗ trong đợt này', en: 'no place in this campaign' },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

type SchoolPlace = Story<typeof facts>;

/**
 * A place in grade 1 for a child: checked against the registries, decided together with all others by the ward's campaign,
 * confirmed by the parents, who may change the application until the round closes and appeal against the result.
 */
export const schoolPlace = defineProcedure<typeof facts>(facts, goToSchool);

async function goToSchool(story: SchoolPlace): Promise<string> {
  await story.accept();
  let refused = await verify(story);
  let mayAppeal = true;
  for (;;) {
    if (refused) {
      story.place('release');
      return story.reject(refused);
    }
    const placed = await story.placement();
    if (placed === 'amended') {
      refused = await verify(story);
      continue;
    }
    if (placed.result === 'none') {
      await story.issue('noPlace', {});
      return 'not-admitted';
    }
    if (placed.result === 'offered') return confirm(story, placed);
    if (mayAppeal) story.beside(() => hearAppeal(story, placed));
    mayAppeal = false;
  }
}

/** Asks the registries, and an officer where they do not confirm what is said; gives the grounds on which a child is not taken. */
async function verify(story: SchoolPlace): Promise<string | undefined> {
  for (;;) {
    const { ask, application, round, tasks } = story;
    const [home, schooling] = await Promise.all([ask('registeredHome', {}), ask('schooling', {})]);
    const { hasPriority, ageException } = application;
    const doubts = [
      ...(home.match ? [] : ['residence']),
      ...(schooling.enrolled ? ['enrolled'] : []),
      ...(schooling.unanswered || schooling.sibling === false ? ['sibling'] : []),
      ...(hasPriority ? ['priority'] : []),
      ...(ageException === 'none' ? [] : ['age']),
    ];
    if (doubts.length === 0) return undefined;
    const found = await tasks.verification({ doubts, home, schooling }, { until: round.checkedBy });
    // What nobody has confirmed in time does not count: the child is considered without it.
    if (found === undefined) return undefined;
    if (found !== 'amended') return found.decision === 'refuse' ? found.reasons : undefined;
  }
}

async function confirm(story: SchoolPlace, placed: Placed): Promise<string> {
  const { tasks, place, issue } = story;
  const told = { offer: placed.offer };
  const first = await tasks.confirmation(told, { until: placed.confirmBy! });
  const answer = first?.decision === 'appeal' ? await confirmAfterAppeal(story, placed) : first;
  if (answer?.decision === 'accept') {
    place('keep');
    await issue('admission', {});
    return 'admitted';
  }
  place('release');
  return answer ? 'declined' : 'unconfirmed';
}

/** An appeal of somebody who has a place keeps it meanwhile; whichever they have in the end they confirm within three days. */
async function confirmAfterAppeal(story: SchoolPlace, placed: Placed) {
  const offer = (await hearAppeal(story, placed)) ?? placed.offer;
  return story.tasks.confirmationAfterAppeal({ offer });
}

/**
 * Hears an appeal: somebody who has not decided before dismisses it, gives a free place, or asks the committee for an extra one.
 *
 * @returns the school where a place was given
 */
async function hearAppeal(story: SchoolPlace, placed: Placed): Promise<string | undefined> {
  const { tasks, ask, publish } = story;
  const appeal = await tasks.appeal({ offer: placed.offer }, { until: placed.appealBy! });
  if (!appeal) return undefined;
  const { school } = appeal;
  let refusedBefore: string | undefined;
  for (;;) {
    const { decision, reasons } = await tasks.appealDecision({ school, refusedBefore });
    const extra = decision === 'extra' && (await committeeAgrees(story, school));
    if (decision !== 'place' && !extra) {
      await publish('appealDecision', { granted: false, extra, reasons });
      return undefined;
    }
    const told = placed.result === 'waiting';
    const granted = await ask('grantPlace', { offer: school, extra, told, why: grantedWhy });
    if (granted.granted) {
      await publish('appealDecision', { granted: true, extra, reasons });
      return school;
    }
    refusedBefore = granted.why;
  }
}

const grantedWhy = {
  vi: 'Được xếp chỗ theo quyết định giải quyết khiếu nại.',
  en: 'Placed by the decision on the appeal.',
};

/** Whether the whole committee lets a school have one place more. */
async function committeeAgrees({ tasks }: SchoolPlace, school: string): Promise<boolean> {
  const votes = await tasks.extraPlace({ school });
  return votes.every(({ decision }) => decision === 'approve');
}
