import { knownAnswers } from './answers.ts';
import type { Database } from './db.ts';
import type { Effect } from './effects.ts';
import { caseParties, type CaseParties } from './parties.ts';

/** Everything of a case that its activities may need: who applies and how, the answers, the receiving agency. */
export interface CaseFile extends CaseParties {
  code: string;
  procedure: string;
  procedureCode: string;
  applicantSub: string;
  applicant: Record<string, unknown>;
  /** The answers of the application and, in their place, what tasks have given about people since. */
  answers: Record<string, unknown>;
  filedAt: string;
  acceptedAt: string | null;
  dueAt: string | null;
  /** How the due instant was counted; see workflows/engine/legal-clock.ts. */
  dueDerivation: unknown;
  /** The limit that its clock counts, once it was accepted. */
  limit: string | null;
  agency: {
    code: string;
    name: { vi: string; en: string };
    place: string;
    abbreviation: string;
    parentName: { vi: string; en: string } | null;
    /** Of its one-stop office. */
    address: string | null;
    phone: string | null;
    hotline: string | null;
    web: string | null;
  };
  papers: FiledPaper[];
  /** Fees that were paid, in đồng. */
  fees: { amount: number; receipt: string }[];
  /** The campaign that it is a member of: what that was planned as, and the place that it holds there. */
  campaign: {
    code: string;
    pseudonym: string;
    answers: Record<string, unknown>;
    place: Record<string, unknown> | null;
  } | null;
  /** Who asked last for its withdrawal, when and why. */
  withdrawal: { by: string; at: string; reason: string } | null;
}

/** A paper of a case; `brought` where an officer saw it. */
interface FiledPaper {
  kind: string;
  fileName: string;
  brought: 'original' | 'certified' | 'copy' | null;
}

interface Row extends CaseParties {
  code: string;
  procedure: string;
  procedure_code: string;
  applicant_sub: string;
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
  filed_at: Date;
  accepted_at: Date | null;
  due_at: Date | null;
  due_derivation: unknown;
  time_limit: string | null;
  agency: string;
  name: { vi: string; en: string };
  place: string;
  abbreviation: string;
  contact: { address?: string; phone?: string; hotline?: string; web?: string };
  parent_name: { vi: string; en: string } | null;
  papers: FiledPaper[];
  fees: CaseFile['fees'];
  withdrawal: CaseFile['withdrawal'];
  campaign: CaseFile['campaign'];
}

/**
 * Loads a case's file for the engine's own work; people go through records/case-views.ts, which asks the policy.
 *
 * @param agency an agency that has had the case, instead of the one that has it now
 */
export async function loadCaseFile(db: Database, code: string, agency?: string): Promise<CaseFile> {
  return (await loadForEffect(db, { caseCode: code, effect: '', number: 0 }, agency)).file;
}

/** Loads a case's file together with the answer that is kept for one of its effects, if that has happened. */
export async function loadForEffect(
  db: Database,
  { caseCode, effect, number }: Effect,
  agency?: string,
): Promise<{ file: CaseFile; kept: unknown }> {
  const { rows } = await db.raw<{ rows: (Row & { kept: unknown })[] }>(
    /* sql */ `
    SELECT c.code, c.procedure, c.procedure_code, c.applicant_sub, c.applicant, ${knownAnswers('c')} AS answers, c.filed_at,
           c.accepted_at, c.due_at, c.due_derivation, c.clock_account->>'limit' AS time_limit,
           a.code AS agency, a.name, a.place, a.abbreviation, coalesce(p.contact, '{}') - 'address' || a.contact AS contact, p.name AS parent_name,
           ${caseParties('c')},
           coalesce((SELECT jsonb_agg(jsonb_build_object('kind', cp.kind, 'fileName', u.file_name, 'brought', cp.brought)
                                      ORDER BY cp.number)
                       FROM case_papers cp JOIN uploads u ON u.id = cp.upload_id
                      WHERE cp.case_code = c.code), '[]') AS papers,
           coalesce((SELECT jsonb_agg(jsonb_build_object('amount', f.amount, 'receipt', f.receipt) ORDER BY f.number)
                       FROM fee_payments f WHERE f.case_code = c.code), '[]') AS fees,
           (SELECT jsonb_build_object('by', closed_by->>'name', 'at', closed_at, 'reason', coalesce(answer->>'reason', ''))
              FROM tasks WHERE case_code = c.code AND name = 'withdraw' AND state = 'done'
             ORDER BY number DESC LIMIT 1) AS withdrawal,
           (SELECT jsonb_build_object('code', m.campaign, 'pseudonym', m.pseudonym, 'answers', k.answers,
                     'place', (SELECT o.details FROM places held JOIN campaign_offers o
                                  ON o.campaign = held.campaign AND o.code = held.offer WHERE held.case_code = c.code))
              FROM campaign_members m JOIN cases k ON k.code = m.campaign WHERE m.case_code = c.code) AS campaign,
           (SELECT answer FROM effects
             WHERE case_code = c.code AND effect = :effect AND number = :number) AS kept
      FROM cases c JOIN agencies a ON a.code = coalesce(:agency, c.agency) LEFT JOIN agencies p ON p.code = a.parent
     WHERE c.code = :caseCode`,
    { caseCode, effect, number, agency: agency ?? null },
  );
  const row = rows[0];
  if (!row) throw new Error(`no case ${caseCode}`);
  return { file: fileOf(row), kept: row.kept ?? undefined };
}

function fileOf(row: Row): CaseFile {
  return {
    code: row.code,
    procedure: row.procedure,
    procedureCode: row.procedure_code,
    applicantSub: row.applicant_sub,
    applicant: row.applicant,
    answers: row.answers,
    filedAt: row.filed_at.toISOString(),
    acceptedAt: row.accepted_at?.toISOString() ?? null,
    dueAt: row.due_at?.toISOString() ?? null,
    dueDerivation: row.due_derivation,
    limit: row.time_limit,
    agency: {
      code: row.agency,
      name: row.name,
      place: row.place,
      abbreviation: row.abbreviation,
      parentName: row.parent_name,
      address: row.contact.address ?? null,
      phone: row.contact.phone ?? null,
      hotline: row.contact.hotline ?? null,
      web: row.contact.web ?? null,
    },
    papers: row.papers,
    fees: row.fees,
    withdrawal: row.withdrawal,
    campaign: row.campaign,
    channel: row.channel,
    takenInBy: row.takenInBy,
    representative: row.representative,
    coApplicants: row.coApplicants,
  };
}

/**
 * Who performed a task of a case last: the person that signs for it.
 *
 * @param task one of its own, or `campaign.<task>` of the campaign that it is a member of
 */
export async function performerOf(
  db: Database,
  code: string,
  task: string,
): Promise<{ sub: string; name: string; title?: string } | undefined> {
  const [, ofCampaign] = /^campaign\.(.+)$/.exec(task) ?? [];
  const row = await db('tasks')
    .where({ name: ofCampaign ?? task, state: 'done' })
    .whereRaw(
      ofCampaign
        ? 'case_code = (SELECT campaign FROM campaign_members m WHERE m.case_code = ?)'
        : 'case_code = ?',
      [code],
    )
    .orderBy('number', 'desc')
    .first<{ closed_by: { sub: string; name: string; title?: string } } | undefined>('closed_by');
  return row?.closed_by;
}

/**
 * The officer of an agency who performed a task of a case last; undefined when none has.
 *
 * @param role of all officers, only those who acted in this role
 */
export async function lastOfficer(
  db: Database,
  code: string,
  agency: string,
  role?: string,
): Promise<{ name: string; title?: string } | undefined> {
  const row = await db('tasks')
    .where({ case_code: code, agency, state: 'done', ...(role ? { role } : {}) })
    .orderBy('closed_at', 'desc')
    .first<{ closed_by: { name: string; title?: string } } | undefined>('closed_by');
  return row?.closed_by;
}

/** Shows the performer of an open task more than it was opened with, for example the bank's payment code. */
export async function addToTaskContext(
  db: Database,
  id: string,
  more: Record<string, unknown>,
): Promise<void> {
  await db('tasks')
    .where({ id })
    .update({ context: db.raw('context || ?::jsonb', [JSON.stringify(more)]) });
}
