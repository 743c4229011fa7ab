import type { Transaction } from './db.ts';

type Text = { vi: string; en: string };

/** What people are told by an act of somebody else; none of the texts says anything about the applicant. */
const texts: Record<
  | 'assigned'
  | 'copied'
  | 'expiring'
  | 'mention'
  | 'received'
  | 'reissued'
  | 'remittance-late'
  | 'revoked'
  | 'transferred',
  { subject: (code: string) => Text; body: Text }
> = {
  assigned: {
    subject: (code) => ({ vi: `Được giao việc: ${code}`, en: `A task is yours: ${code}` }),
    body: {
      vi: 'Bạn được giao một việc của hồ sơ này.',
      en: 'A task of this case has been given to you.',
    },
  },
  received: {
    subject: (code) => ({ vi: `Hồ sơ ${code} đã đến`, en: `Case ${code} has arrived` }),
    body: {
      vi: 'Hệ thống đã nhận hồ sơ. Cơ quan trả lời việc tiếp nhận trong 8 giờ làm việc.',
      en: 'The application has arrived. The agency answers within 8 working hours whether it is accepted.',
    },
  },
  'remittance-late': {
    subject: (code) => ({
      vi: `Hồ sơ ${code}: phí, lệ phí chưa nộp ngân sách`,
      en: `Case ${code}: its fee is not in the budget`,
    }),
    body: {
      vi: 'Tiền phí, lệ phí của hồ sơ này đã quá hạn nộp vào ngân sách nhà nước.',
      en: 'The fee of this case should have been transferred to the state budget by now.',
    },
  },
  revoked: {
    subject: (code) => ({
      vi: `Hồ sơ ${code}: kết quả bị thu hồi`,
      en: `Case ${code}: a result was revoked`,
    }),
    body: {
      vi: 'Kết quả của hồ sơ này không còn hiệu lực. Quyết định thu hồi nêu lý do và quyền khiếu nại của bạn.',
      en: 'A result of this case is no longer in force. The decision says why, and how you may appeal.',
    },
  },
  reissued: {
    subject: (code) => ({
      vi: `Hồ sơ ${code}: kết quả được cấp lại`,
      en: `Case ${code}: a result was issued again`,
    }),
    body: {
      vi: 'Kết quả của hồ sơ này được cấp lại với số mới. Bản trước không còn hiệu lực.',
      en: 'A result of this case was issued again under a new number. The one before is no longer in force.',
    },
  },
  copied: {
    subject: (code) => ({ vi: `Hồ sơ ${code}: có bản sao`, en: `Case ${code}: a certified copy is there` }),
    body: {
      vi: 'Cơ quan đã cấp bản sao từ sổ gốc của kết quả.',
      en: 'The agency has issued a certified copy of the result.',
    },
  },
  expiring: {
    subject: (code) => ({ vi: `Hồ sơ ${code}: kết quả sắp hết hạn`, en: `Case ${code}: a result ends soon` }),
    body: {
      vi: 'Kết quả của hồ sơ này sắp hết hiệu lực; ngày cuối cùng ghi trên văn bản. Nếu vẫn cần, hãy làm thủ tục trước ngày đó.',
      en: 'A result of this case soon ends; its last day stands on it. If you still need it, apply before that day.',
    },
  },
  transferred: {
    subject: (code) => ({
      vi: `Hồ sơ ${code}: chuyển cơ quan giải quyết`,
      en: `Case ${code} has been transferred`,
    }),
    body: {
      vi: 'Hồ sơ được chuyển đến cơ quan có thẩm quyền, cùng thời hạn và giấy tờ. Người nộp không phải nộp lại.',
      en: 'The case goes on at the competent agency, with its clock and its papers. Nothing has to be filed again.',
    },
  },
  mention: {
    subject: (code) => ({ vi: `Được nhắc đến: ${code}`, en: `You are mentioned: ${code}` }),
    body: {
      vi: 'Có ý kiến nhắc đến bạn trong hồ sơ này.',
      en: 'A comment on this case mentions you.',
    },
  },
};

interface Given {
  code: string;
  notice: keyof typeof texts;
  to: string[];
  /** What makes the notice unique in its case with the place in `to`, for example the number of the comment. */
  number: number;
  at: Date;
}

/** The rows of a notice to people, or to the queue of a role at an agency (`queue:<agency>:<role>`). */
export function noticeRows({ code, notice, to, number, at }: Given) {
  const { subject, body } = texts[notice];
  return to.map((recipient, index) => ({
    case_code: code,
    notice,
    number: number * 100 + index,
    recipient_sub: recipient,
    subject: JSON.stringify(subject(code)),
    body: JSON.stringify(body),
    at,
  }));
}

/** Writes a notice in the transaction of the act that it tells of. */
export async function notify(trx: Transaction, given: Given): Promise<void> {
  if (given.to.length > 0) await trx('notices').insert(noticeRows(given));
}
