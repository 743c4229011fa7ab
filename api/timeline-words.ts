import type { TimelineEntry } from '../records/case-timeline.ts';
import type { Procedure, Text } from '../workflows/engine/index.ts';
import { caseStates, outcomes, type CaseState } from '../workflows/engine/states.ts';

/** What an applicant need not read to understand where the case stands. */
const inside = new Set([
  'open',
  'close',
  'warn',
  'wait',
  'notice',
  'claimed',
  'progress',
  'photo-reviewed',
  'released',
  'assigned',
  'augmented',
  'retried',
  'remitted',
  'remittanceLate',
]);

/** Whether an entry of a case's record tells an applicant where the case stands. */
export const concernsApplicant = ({ event }: Pick<TimelineEntry, 'event'>): boolean => !inside.has(event);

/** Whether the case has come to a new state with an entry of its record. */
export const isMilestone = ({ event }: Pick<TimelineEntry, 'event'>): boolean =>
  event === 'state' || event === 'filed';

type Details = Record<string, unknown>;

/** Tells an entry of a case's record in plain words. */
export function sayEntry(
  { event, details }: Pick<TimelineEntry, 'event' | 'details'>,
  procedure: Procedure | undefined,
): Text {
  const word = sentences[event];
  if (!word) return { vi: event, en: event };
  const name = typeof details['task'] === 'string' ? details['task'] : '';
  return word(procedure?.tasks[name]?.title ?? { vi: name, en: name }, details, procedure);
}

const plain = (vi: string, en: string) => () => ({ vi, en });
const about = (vi: string, en: string) => (title: Text) => ({
  vi: `${vi}: ${title.vi}`,
  en: `${en}: ${title.en}`,
});

const because = ({ reason }: Details, vi: string, en: string): Text => {
  const why = typeof reason === 'string' ? ` (${reason})` : '';
  return { vi: `${vi}${why}`, en: `${en}${why}` };
};

const channels: Record<string, Text> = {
  online: { vi: 'trực tuyến', en: 'online' },
  machine: { vi: 'do thiết bị báo', en: 'told by a machine' },
  counter: { vi: 'tại quầy', en: 'at the counter' },
  postal: { vi: 'qua bưu chính', en: 'by post' },
};
const silence: Record<string, Text> = {
  consent: { vi: 'coi như đồng ý', en: 'which counts as consent' },
  refusal: { vi: 'coi như từ chối', en: 'which counts as refusal' },
  acceptance: { vi: 'coi như chấp nhận', en: 'which counts as acceptance' },
  closing: { vi: 'hồ sơ được dừng', en: 'which closes the case' },
};
const moves: Record<string, Text> = {
  start: { vi: 'Bắt đầu tính thời hạn', en: 'The time limit began' },
  pause: { vi: 'Tạm dừng tính thời hạn', en: 'The time limit stands still' },
  resume: { vi: 'Tiếp tục tính thời hạn', en: 'The time limit goes on' },
  restart: { vi: 'Tính lại thời hạn từ đầu', en: 'The time limit began anew' },
  stop: { vi: 'Kết thúc tính thời hạn', en: 'The time limit is no longer counted' },
  extend: { vi: 'Lùi ngày hẹn trả', en: 'The promised date was moved' },
};
/** How a case ended, in plain words. */
export const sayOutcome = (outcome: string, procedure: Pick<Procedure, 'outcomes'> | undefined): Text =>
  procedure?.outcomes?.[outcome] ?? outcomes[outcome] ?? { vi: outcome, en: outcome };

const sentences: Record<string, (title: Text, details: Details, procedure: Procedure | undefined) => Text> = {
  filed: (_title, { channel }) => {
    const way = channels[String(channel)] ?? { vi: '', en: '' };
    return { vi: `Nộp hồ sơ ${way.vi}`, en: `Handed in ${way.en}` };
  },
  state: (_title, { to }) => {
    const name = caseStates[to as CaseState];
    return { vi: `Trạng thái: ${name.vi}`, en: `State: ${name.en}` };
  },
  clock: (_title, { to }) => moves[String(to)] ?? { vi: 'Thời hạn thay đổi', en: 'The time limit changed' },
  hand: plain('Chuyển cơ quan xử lý', 'Handed over to the lead agency'),
  merged: plain('Gộp một phản ánh khác về cùng việc', 'Another report about the same was merged into it'),
  'photo-reviewed': (_title, { public: shown }) =>
    shown
      ? { vi: 'Công khai một ảnh', en: 'A photo became public' }
      : { vi: 'Không công khai một ảnh', en: 'A photo was withheld' },
  progress: about('Báo tiến độ', 'Told how far it is'),
  recount: plain(
    'Tính lại ngày hẹn trả theo lịch mới',
    'The promised date was counted again over a new calendar',
  ),
  open: about('Bắt đầu', 'Begun'),
  close: (title, { as, silence: means }) => {
    const said = silence[String(means)];
    if (as !== 'expired') return { vi: `Không còn cần: ${title.vi}`, en: `No longer needed: ${title.en}` };
    return {
      vi: `Hết hạn: ${title.vi}${said ? `, ${said.vi}` : ''}`,
      en: `Out of time: ${title.en}${said ? `, ${said.en}` : ''}`,
    };
  },
  completed: about('Đã xong', 'Done'),
  undone: about('Hoàn tác', 'Undone'),
  claimed: about('Nhận việc', 'Claimed'),
  released: about('Trả việc', 'Given back'),
  assigned: ({ vi, en }, { to, explanation }) => {
    const { name = '' } = (to ?? {}) as { name?: string };
    const why = explanation as Text | undefined;
    return {
      vi: `Giao việc: ${vi} – ${name}${why ? ` (${why.vi})` : ''}`,
      en: `Assigned: ${en} – ${name}${why ? ` (${why.en})` : ''}`,
    };
  },
  warn: about('Sắp hết hạn', 'Nearly out of time'),
  escalate: about('Quá hạn, đã báo người đứng đầu', 'Overdue, the head was told'),
  wait: (_title, details) =>
    details['for'] === null
      ? { vi: 'Cơ quan được hỏi đã trả lời', en: 'The agency that was asked has answered' }
      : { vi: 'Chờ hệ thống của cơ quan khác', en: 'Waiting for another agency’s system' },
  notice: plain('Gửi thông báo', 'A notice was sent'),
  issued: (_title, { registerNumber }) => {
    const number = typeof registerNumber === 'string' ? ` ${registerNumber}` : '';
    return { vi: `Ban hành văn bản${number}`, en: `A document was issued${number}` };
  },
  augmented: plain(
    'Bổ sung chứng cứ lưu trữ cho chữ ký',
    'Proof for the archive was added to the signatures',
  ),
  'not-augmented': plain(
    'Chưa bổ sung được chứng cứ lưu trữ',
    'Proof for the archive could not be added yet',
  ),
  retried: (_title, details) => because(details, 'Đã yêu cầu thử lại ngay', 'Tried again at once on request'),
  skipped: (_title, details) =>
    because(
      details,
      'Không chờ hệ thống của cơ quan khác nữa, cán bộ kiểm tra trên giấy tờ',
      'Another agency’s system is not waited for any more, officers look at the papers',
    ),
  amended: plain('Người nộp sửa hồ sơ', 'The applicant has changed the application'),
  'co-signed': plain('Người cùng đứng đơn đã ký', 'A co-applicant has signed'),
  consulted: plain('Hỏi ý kiến cơ quan khác', 'Another agency was asked'),
  commented: plain('Trao đổi nội bộ', 'A comment among officers'),
  linked: plain('Liên kết với hồ sơ khác', 'Linked to another case'),
  unlinked: plain('Bỏ liên kết với hồ sơ khác', 'A link to another case was removed'),
  transferred: plain('Chuyển đến cơ quan có thẩm quyền', 'Transferred to the competent agency'),
  rated: plain('Người nộp đã đánh giá dịch vụ', 'The applicant has rated the service'),
  remitted: plain('Nộp phí vào ngân sách', 'The fee went to the budget'),
  remittanceLate: plain('Phí quá hạn nộp vào ngân sách', 'The fee did not go to the budget in time'),
  paidTwice: plain(
    'Phí đã nộp hai lần, một khoản được hoàn trả',
    'The fee was paid twice, one payment is given back',
  ),
  'document-act': plain('Có thay đổi về văn bản đã cấp', 'Something was done about an issued document'),
  'representation-ended': plain('Kết thúc ủy quyền', 'The representation ended'),
  finish: (_title, { outcome }, procedure) => {
    const said = sayOutcome(String(outcome), procedure);
    return { vi: `Kết thúc: ${said.vi}`, en: `Ended: ${said.en}` };
  },
};
