import type { Actor } from './actor.ts';
import type { Channel } from './channels.ts';
import type { NamedOffer } from './campaign-rounds.ts';
import type { Transaction } from './db.ts';
import { notify } from './notices.ts';
import { localDay } from './local-day.ts';
import { queueMessage } from './outbox.ts';
import { areaInWords, enterIncident, type IncidentNames } from './incidents.ts';
import { attachPapers, type GivenPaper } from './papers.ts';
import { chain, digest, insertRecord, type Entry } from './record.ts';
import { Refusal } from './refusal.ts';

/** What filing needs to know of a procedure. */
export interface FiledProcedure {
  id: string;
  code: string;
  title: { vi: string; en: string };
  /** The answer, an address, that says where the matter lies. */
  area?: string;
  /** What the answers are called that say where and what an incident is. */
  incident?: IncidentNames;
  /** Who applies, where it is no citizen. */
  applicant?: 'agency' | 'anybody';
  /** The procedure whose applications take part in the campaign that its cases lead. */
  campaign?: { of: string };
  /** Which offers of a campaign an application names, where it takes part in one. */
  membership?: {
    offers: (answers: Record<string, unknown>) => readonly NamedOffer[];
    about: (answers: Record<string, unknown>) => { path: readonly string[]; key: string };
  };
}

/** An application, validated against its procedure's form. */
export interface Filing {
  actor: Actor;
  /** Subject of the applicant, where somebody else files. */
  applicantSub?: string;
  /** Who must have uploaded the papers, the actor if nobody is named; null where another case has them already. */
  papersOwner?: string | null;
  at: Date;
  procedure: FiledProcedure;
  agency: string;
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
  /** The answers without personal fields: all that Temporal is told. */
  publicAnswers: Record<string, unknown>;
  papers: GivenPaper[];
  /** Online, if nothing is said; on the other ways it is an officer who files. */
  channel?: Channel;
  /** Id of the authorisation under which a representative acts for the applicant. */
  authorisation?: string | undefined;
  /** What the co-applicants signed, and their signatures, which stand before the filing in the record. */
  signed?: { application: string; signatures: Entry[] } | undefined;
  /** Id of the window in which it took a place. */
  window?: string | undefined;
  /** What else its workflow is told when it starts. */
  start?: Record<string, unknown>;
  /** The case's own key, wrapped by the master key. */
  wrappedKey: Buffer;
}

/**
 * Numbers a case: `<agency>-<yyMMdd>-<nnnn>`, gap-free for each agency and day, as a number is taken in the
 * transaction that files (Decree 118/2025 Art. 28).
 *
 * @throws Refusal `not-found` when no agency with that code receives applications
 */
async function nextCaseCode(trx: Transaction, agency: string, at: Date): Promise<string> {
  const day = localDay(at);
  const { rows } = await trx.raw<{ rows: { last: number }[] }>(
    /* sql */ `
    INSERT INTO case_numbers (agency, day, last)
    SELECT code, :day, 1 FROM agencies WHERE code = :agency AND kind NOT IN ('service', 'team')
    ON CONFLICT (agency, day) DO UPDATE SET last = case_numbers.last + 1 RETURNING last`,
    { agency, day },
  );
  const number = rows[0]?.last;
  if (number === undefined) throw noAgency(agency);
  return `${agency}-${day.slice(2).replaceAll('-', '')}-${String(number).padStart(4, '0')}`;
}

/**
 * Checks that an agency receives applications.
 *
 * @throws Refusal `not-found`
 */
export async function mustReceive(trx: Transaction, agency: string): Promise<void> {
  const found = await trx('agencies')
    .where({ code: agency })
    .whereNotIn('kind', ['service', 'team'])
    .first<{ code: string } | undefined>('code');
  if (!found) throw noAgency(agency);
}

const noAgency = (agency: string) =>
  new Refusal('not-found', `Không có cơ quan ${agency} · There is no agency ${agency}`);

/**
 * Files an application: the case, its papers, its key, the first entry of its record and the message that
 * starts its workflow, all in the caller's transaction. The applicant and the reception are told at once (Decree 118/2025
 * Art. 17.2 gives two hours).
 *
 * @throws Refusal `not-found` (agency), `unknown-upload`
 */
export async function fileApplication(trx: Transaction, filing: Filing): Promise<{ code: string }> {
  const { actor, at, procedure, agency, channel = 'online', authorisation, signed } = filing;
  const code = await nextCaseCode(trx, agency, at);
  const { incident: names } = procedure;
  const where = names && (await areaInWords(trx, names, filing.answers));
  const details = {
    answers: digest(filing.answers),
    applicant: digest(filing.applicant),
    papers: filing.papers,
    channel,
    ...(authorisation ? { authorisation } : {}),
    ...(signed ? { application: signed.application } : {}),
    ...(filing.window ? { window: filing.window } : {}),
  };
  const filed = { at, actor, event: 'filed', details, reference: 'act:1' };
  const beginning = { record_length: 0, record_hash: Buffer.alloc(0) };
  const { rows: record, end } = chain(beginning, [...(signed?.signatures ?? []), filed]);
  const applicant = filing.applicantSub ?? actor.sub;
  const { sub, name, title } = actor;
  await trx.raw(file, {
    code,
    procedure: procedure.id,
    procedureCode: procedure.code,
    agency,
    applicantSub: applicant,
    applicant: JSON.stringify(filing.applicant),
    answers: JSON.stringify(filing.answers),
    area: where ? where.words : areaOf(procedure.area && filing.answers[procedure.area]),
    at,
    channel,
    takenInBy: channel === 'online' || channel === 'machine' ? null : JSON.stringify({ sub, name, title }),
    authorisation: authorisation ?? null,
    application: signed?.application ?? null,
    window: filing.window ?? null,
    key: filing.wrappedKey,
    record,
    ...end,
    message: JSON.stringify({
      kind: 'start',
      procedure: procedure.id,
      procedureCode: procedure.code,
      agency,
      title: `${procedure.title.vi} · ${procedure.title.en}`,
      start: { code, agency, application: filing.publicAnswers, ...receiving(filing), ...filing.start },
    }),
  });
  const told = [applicant, ...(procedure.applicant === 'agency' ? [] : [`queue:${agency}:reception`])];
  await notify(trx, { code, notice: names ? 'report-received' : 'received', to: told, number: 1, at });
  if (names && where)
    await enterIncident(trx, {
      code,
      procedureCode: procedure.code,
      agency,
      names,
      answers: filing.answers,
      ward: where.ward,
      at,
    });
  if (procedure.campaign) await trx('campaigns').insert({ code, procedure_code: procedure.campaign.of });
  await attachPapers(trx, {
    code,
    owner: filing.papersOwner === undefined ? actor.sub : filing.papersOwner,
    papers: filing.papers,
    at,
  });
  return { code };
}

/** A result that is not received online waits until it has been handed over. */
const receiving = ({ applicant: { receiveBy } }: Filing) =>
  receiveBy === undefined || receiveBy === 'online' ? {} : { receiveBy };

/** Street without the number of the house, and ward: enough to find a neighbourhood, too little to find a door. */
export function areaOf(address: unknown): string | null {
  const { street, ward } = (address ?? {}) as { street?: unknown; ward?: unknown };
  const road = typeof street === 'string' ? street.replace(/^(số\s*)?\d\S*\s+/i, '') : '';
  return [road, ward].filter((part) => typeof part === 'string' && part !== '').join(', ') || null;
}

/** The case, its key for life, the first entry of its record and its first message, in one round trip. */
const file = /* sql */ `
  WITH changed AS (
    INSERT INTO cases (code, procedure, procedure_code, agency, applicant_sub, applicant, answers, area, filed_at,
                       channel, taken_in_by, authorisation, application, filing_window, last_act, record_length,
                       record_hash)
    VALUES (:code, :procedure, :procedureCode, :agency, :applicantSub, :applicant, :answers, :area, :at,
            :channel, :takenInBy, :authorisation, :application, :window, 1, :record_length, :record_hash)
    RETURNING code, last_act
  ), keyed AS (
    INSERT INTO case_keys (case_code, wrapped_key) SELECT code, :key FROM changed
  ), recorded AS (${insertRecord}), ${queueMessage}`;
