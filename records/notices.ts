import { messageOf } from '../messaging/messages.ts';
import type { Transaction } from './db.ts';

/** What people are told by an act of somebody else; none of the texts says anything about the applicant. */
type ByAct =
  | 'assigned'
  | 'break-glass'
  | 'copied'
  | 'emergency-abuse'
  | 'emergency-justified'
  | 'expiring'
  | 'mention'
  | 'paid-twice'
  | 'received'
  | 'report-received'
  | 'reissued'
  | 'remittance-late'
  | 'revoked'
  | 'transferred';

interface Given {
  code: string;
  notice: ByAct;
  to: string[];
  /** What makes the notice unique in its case with the place in `to`, for example the number of the comment. */
  number: number;
  at: Date;
}

/**
 * Writes a notice to people, or to the queue of a role at an agency (`queue:<agency>:<role>`), in the transaction of the act
 * that it tells of.
 */
export async function notify(trx: Transaction, { code, notice, to, number, at }: Given): Promise<void> {
  if (to.length === 0) return;
  const { subject, body, template } = messageOf(notice, { code });
  const rows = to.map((recipient, index) => ({
    case_code: code,
    notice,
    number: number * 100 + index,
    recipient_sub: recipient,
    subject: JSON.stringify(subject),
    body: JSON.stringify(body),
    template,
    at,
  }));
  await trx('notices').insert(rows);
}
