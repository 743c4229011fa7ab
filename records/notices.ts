import type { Transaction } from './db.ts';

type Text = { vi: string; en: string };

/** What people are told by an act of somebody else; none of the texts says anything about the applicant. */
const texts: Record<'assigned' | 'mention' | 'transferred', { subject: (code: string) => Text; body: Text }> =
  {
    assigned: {
      subject: (code) => ({ vi: `Được giao việc: ${code}`, en: `A task is yours: ${code}` }),
      body: {
        vi: 'Bạn được giao một việc của hồ sơ này.',
        en: 'A task of this case has been given to you.',
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

/**
 * Writes a notice to people, or to the queue of a role at an agency, in the transaction of the act that it tells of.
 *
 * @param number what makes the notice unique in its case with the place in `to`, for example the number of the comment
 */
export async function notify(
  trx: Transaction,
  given: { code: string; notice: keyof typeof texts; to: string[]; number: number; at: Date },
): Promise<void> {
  const { code, notice, to, number, at } = given;
  if (to.length === 0) return;
  const { subject, body } = texts[notice];
  const rows = to.map((recipient, index) => ({
    case_code: code,
    notice,
    number: number * 100 + index,
    recipient_sub: recipient,
    subject: JSON.stringify(subject(code)),
    body: JSON.stringify(body),
    at,
  }));
  await trx('notices').insert(rows);
}
