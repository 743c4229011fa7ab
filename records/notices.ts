import type { Transaction } from './db.ts';

type Text = { vi: string; en: string };

/** What officers are told by an act of somebody else; neither text says anything about the applicant. */
const texts: Record<'assigned' | 'mention', { subject: (code: string) => Text; body: Text }> = {
  assigned: {
    subject: (code) => ({ vi: `Được giao việc: ${code}`, en: `A task is yours: ${code}` }),
    body: {
      vi: 'Bạn được giao một việc của hồ sơ này.',
      en: 'A task of this case has been given to you.',
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
 * Writes a notice to officers in the transaction of the act that it tells of.
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
