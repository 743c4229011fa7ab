import type { z } from 'zod';
import { defineProcedure, type Story } from '../engine/index.ts';
import { Review } from '../forms/decision.ts';
import * as form from './forms.ts';

const facts = {
  code: '9.001022',
  title: { vi: 'Phản ánh hiện trường, sự cố đô thị (1022)', en: 'Street reports and incidents (1022)' },
  effectiveFrom: '2026-01-01',
  legalBasis: ['Quy chế tiếp nhận, xử lý phản ánh hiện trường của thành phố'],
  lifeEvent: { vi: 'Sống ở phường, xã', en: 'Living here' },
  applicant: 'anybody',
  dossier: false,
  application: form.Report,
  incident: {
    service: 'category',
    place: 'place',
    address: 'address',
    words: 'description',
    details: 'details',
    photos: 'photo',
  },
  papers: {
    photo: { title: { vi: 'Ảnh hiện trường', en: 'Photos of the place' }, required: false, photos: 5 },
    after: {
      title: { vi: 'Ảnh sau xử lý', en: 'Photos after the work' },
      required: false,
      photos: 10,
      by: 'officer',
    },
  },
  // Where the city's service says nothing else.
  limit: '7d',
  ladder: ['head', 'leader', 'above'],
  supplement: { within: '24h', clock: 'resume', silence: 'closing' },
  tasks: {
    verification: {
      title: { vi: 'Xác minh phản ánh', en: 'Verify the report' },
      by: 'reception',
      due: '2wh',
      told: 'application',
      form: form.Verification,
    },
    dispatch: {
      title: { vi: 'Chuyển cơ quan xử lý', en: 'Forward it to the lead agency' },
      by: 'reception',
      due: '1h',
      form: form.Dispatch,
    },
    acknowledgement: {
      title: { vi: 'Nhận xử lý', en: 'Acknowledge and take it on' },
      by: 'specialist',
      due: '4h',
      form: form.Acknowledgement,
    },
    support: {
      title: { vi: 'Nhận thông tin phối hợp', en: 'Acknowledge and support' },
      by: 'specialist',
      due: '4h',
      form: form.Support,
    },
    crew: {
      title: { vi: 'Nhận lệnh công việc', en: 'Accept the work order' },
      by: 'field',
      due: '15min',
      form: form.CrewAnswer,
    },
    work: {
      title: { vi: 'Xử lý tại hiện trường', en: 'Do the work on the spot' },
      by: 'field',
      due: 'promised',
      form: form.Work,
      progress: {
        'on-the-way': { vi: 'Đang đến', en: 'On the way' },
        arrived: { vi: 'Đã đến nơi', en: 'Arrived' },
        waiting: { vi: 'Chờ vật tư, hỗ trợ', en: 'Waiting for materials or help' },
      },
    },
    inspection: {
      title: { vi: 'Kiểm tra chất lượng', en: 'Inspect the work' },
      by: 'specialist',
      due: 'promised',
      form: form.Inspection,
    },
    resolution: {
      title: { vi: 'Xử lý và soạn trả lời', en: 'Deal with it and answer' },
      by: 'specialist',
      due: 'promised',
      form: form.Resolution,
    },
    publication: {
      title: { vi: 'Duyệt công khai trả lời', en: 'Review the answer and let it be public' },
      by: 'leader',
      due: '4wh',
      form: Review,
      notBy: ['resolution'],
      // What was promised has been done when the lead agency says so.
      clock: 'stop',
    },
    rating: {
      title: { vi: 'Đánh giá kết quả xử lý', en: 'Rate what was done' },
      by: 'citizen',
      expires: '3d',
      silence: 'acceptance',
      form: form.Rating,
      rates: true,
    },
  },
  outcomes: {
    resolved: { vi: 'đã xử lý xong', en: 'dealt with' },
    unresolved: { vi: 'không xử lý được', en: 'could not be dealt with' },
    duplicate: { vi: 'trùng với phản ánh khác', en: 'the same as another report' },
  },
  documents: {
    answer: {
      title: { vi: 'Trả lời phản ánh hiện trường', en: 'Answer to a street report' },
      template: 'street-report/answer',
      register: 'TLPA',
      signedBy: 'publication',
      public: true,
      provisional: true,
    },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

type Incident = Story<typeof facts>;
type Service =
  Awaited<ReturnType<Incident['ask']>> extends infer Answers ? Extract<Answers, { lead: string }> : never;
type Resolution = z.infer<typeof form.Resolution>;

/**
 * Street reports by anybody, and incidents that machines open, in one story: verified, forwarded to whoever leads, dealt with (by a
 * team in the field where one is sent), answered in public, rated; a low rating opens it once more.
 */
export const streetReport = defineProcedure<typeof facts>(facts, handle);

async function handle(story: Incident): Promise<string> {
  const { application, ask, tasks, accept, supplement, handTo } = story;
  let service = await ask('routing', {});
  const soon = application.urgent ? '30min' : service.verify;

  let verified = await tasks.verification({ service }, { due: soon });
  for (;;) {
    if (verified.decision === 'accept') break;
    if (verified.decision === 'reject') return story.reject(verified.reasons);
    if (verified.decision === 'duplicate' && (await merged(story, verified.into))) return 'duplicate';
    if (verified.decision === 'ask' && !(await supplement(verified.missing))) return 'unsupplied';
    verified = await tasks.verification({ service, verified }, { due: soon });
  }
  if (verified.category !== '') service = await ask('routing', { service: verified.category });
  await ask('publish', { kind: 'words', text: verified.publicText });

  const dispatch = await tasks.dispatch({ service }, { due: service.forward });
  if (dispatch.lead !== '') service = await ask('routing', { service: service.service, lead: dispatch.lead });
  await accept({ limit: service.resolve });
  const told = { service, dispatch };
  const soonest = { due: service.acknowledge };
  const supporting = service.support.map((agency) => tasks.support(told, { ...soonest, agency }));
  await handTo(service.lead, dispatch.instructions);
  const [outcome] = await Promise.all([answer(story, service), ...supporting]);
  return outcome;
}

/** Deals with it, answers in public, and once more where whoever reported it is not satisfied. */
async function answer(story: Incident, service: Service): Promise<string> {
  const { ask, tasks, issue, reopen } = story;
  let again: Again = {};
  for (let reopened = false; ;) {
    const found = await dealWith(story, service, again);
    if (!found) return 'duplicate';
    const review = await tasks.publication({ service, resolution: found });
    if (review.decision === 'return') {
      await reopen();
      again = { taken: true, returned: review.comment };
      continue;
    }
    const { id: document } = await issue('answer', { service, resolution: found });
    await ask('publish', { kind: 'answer', text: found.text, document });
    const rating = service.channel === 'machine' ? undefined : await tasks.rating({ document });
    // Silence accepts, and nobody opens it a second time.
    if (!rating || Number(rating.score) > 2 || reopened) return found.decision;
    reopened = true;
    again = { returned: `Người phản ánh đánh giá ${rating.score}/5` };
    await reopen({ limit: service.resolve, reason: again.returned });
  }
}

/** Why an agency has it once more, and whether it has taken it on already. */
interface Again {
  taken?: boolean;
  returned?: string | undefined;
}

/** What the lead agency does until it can say how the matter stands; passed on it is the next one's, and the clock runs on. */
async function dealWith(story: Incident, given: Service, again: Again): Promise<Resolution | undefined> {
  const { ask, tasks, handTo } = story;
  let service = given;
  let { taken = false, returned } = again;
  const passOn = async (lead: string, reason: string) => {
    service = await ask('routing', { service: service.service, lead });
    await handTo(service.lead, reason);
    taken = false;
    returned = undefined;
  };
  for (let team = ''; ;) {
    if (!taken) {
      const acknowledgement = await tasks.acknowledgement(
        { service, returned },
        { due: service.acknowledge },
      );
      if (acknowledgement.decision === 'duplicate') {
        if (await merged(story, acknowledgement.into)) return undefined;
        continue;
      }
      if (acknowledgement.decision === 'pass-on') {
        await passOn(acknowledgement.agency, acknowledgement.reason);
        continue;
      }
      taken = true;
      team = acknowledgement.team;
    }
    const work = team === '' ? undefined : await send(story, service, team);
    team = '';
    const found = await tasks.resolution({ service, ...work, returned });
    if (found.decision === 'resolved' || found.decision === 'unresolved') return found;
    if (found.decision === 'interim') await ask('publish', { kind: 'interim', text: found.text });
    if (found.decision === 'team') team = found.team;
    if (found.decision === 'pass-on') await passOn(found.agency, found.reason);
  }
}

/** Sends a team of the lead agency; one work in ten is looked at afterwards. */
async function send({ ask, tasks }: Incident, service: Service, wanted: string) {
  const { team, sampled } = await ask('routing', { service: service.service, team: wanted });
  if (!team) return undefined;
  const crew = await tasks.crew({ service }, { agency: team });
  if (crew.decision === 'decline') return { crew };
  const work = await tasks.work({ service }, { agency: team });
  if (!sampled) return { crew, work };
  const inspection = await tasks.inspection({ work });
  return { crew, work, inspection };
}

/** Merges it into another report, of which its reporter hears from then on; false where there is no such report. */
async function merged({ ask, reject }: Incident, into: string): Promise<boolean> {
  const done = await ask('merge', { into });
  if (!done.merged) return false;
  await reject(`Trùng với phản ánh ${into}; diễn biến của phản ánh đó sẽ được báo cho bạn.`);
  return true;
}
