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

/** What a campaign tells its members, each the same. */
type ByCampaign = 'offered' | 'waiting' | 'notPlaced' | 'nextRound';

/** Writes one notice to each of many cases; each is one more of its kind in its case. */
export async function noticeAll(
  trx: Transaction,
  told: readonly { code: string; notice: ByCampaign; recipient: string }[],
  at: Date,
): Promise<void> {
  const rows = told.map((each) => ({ ...each, ...messageOf(each.notice, { code: each.code }) }));
  await trx.raw(
    /* sql */ `
    INSERT INTO notices (case_code, notice, number, recipient_sub, subject, body, template, at)
    SELECT code, notice, 1 + (SELECT count(*) FROM notices kept WHERE kept.case_code = code AND kept.notice = given.notice),
           recipient, subject, body, template, :at
      FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS given (code text, notice text, recipient text, subject jsonb, body jsonb, template text)`,
    { at, rows: JSON.stringify(rows) },
  );
}
