import { randomBytes, randomUUID } from 'node:crypto';
import { roles, type Actor } from '../../records/actor.ts';
import { amendCase } from '../../records/amendments.ts';
import { fileApplication } from '../../records/cases.ts';
import { consultAgency, transferCase, type TransferDue } from '../../records/case-acts.ts';
import type { Database, Transaction } from '../../records/db.ts';
import { entailments } from '../../records/entailments.ts';
import { draftRecord, recordOfCitizen } from '../../records/health-records.ts';
import { once, type Answer, type Request } from '../../records/idempotency.ts';
import { digest } from '../../records/record.ts';
import { askForRecount } from '../../records/recounts.ts';
import { claimTask, completeTask } from '../../records/task-acts.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import { transferDue } from '../../workflows/engine/legal-clock.ts';
import { calendarOf } from '../../workflows/engine/legal-clock-calendar.ts';
import { personalFields, withoutPersonal } from '../../workflows/engine/form.ts';
import { answerTo, applicationOf } from './answers.ts';
import { CampaignAround, planSample } from './campaigns.ts';
import type { TaskNow } from './snapshot.ts';

export const citizen: Actor = { sub: 'explorer.citizen', name: 'Nguyễn Văn An', roles: ['citizen'] };
const names = ['Lan', 'Minh', 'Hoa', 'Sơn'];

/** Somebody of an office who may do everything there, so that only separation of duties keeps colleagues apart. */
const colleague = (agency: string, name: string): Actor => ({
  sub: `${agency}/${name}`,
  name,
  title: 'Chuyên viên',
  agency,
  roles: roles.filter((role) => role !== 'citizen' && role !== 'admin'),
});

/** Somebody of another office. */
export const stranger: Actor = colleague('Z99.999', 'Thu');

/** A request that was made, to be made again. */
export type Act = () => Promise<Answer>;

/** One agency with its people, its fee and its calendar, as the records know it: what a life acts through. */
export class Office {
  readonly agency: string;
  readonly #db: Database;
  readonly #procedures: ReadonlyMap<string, Procedure>;
  readonly #upload = randomUUID();
  /** What decides together of the applications that a life files, where they are members of a campaign. */
  readonly campaign: CampaignAround;

  constructor(db: Database, procedures: ReadonlyMap<string, Procedure>, agency: string) {
    this.#db = db;
    this.#procedures = procedures;
    this.agency = agency;
    this.campaign = new CampaignAround(db, agency, colleague(agency, 'Trưởng'));
  }

  /** Enters the agency and the upload that every paper of a life is. */
  async open(at: number): Promise<void> {
    const name = JSON.stringify({ vi: 'Phường Thử nghiệm', en: 'Test ward' });
    await Promise.all([
      this.#db('agencies').insert({
        code: this.agency,
        kind: 'ward',
        name,
        place: 'Thử nghiệm',
        abbreviation: 'UBND',
      }),
      this.#db('uploads').insert({
        id: this.#upload,
        owner_sub: citizen.sub,
        sha256: '',
        size: 1,
        media_type: 'application/pdf',
        file_name: 'a.pdf',
        created_at: new Date(at),
      }),
    ]);
  }

  /** Sets the agency's own fee of a procedure, in đồng. */
  async charge(procedureCode: string, amount: number): Promise<void> {
    await this.#db('fees').insert({
      procedure_code: procedureCode,
      agency: this.agency,
      amount,
      legal_basis: '',
    });
  }

  /** An admin makes a day (ISO date) a day off or a working one; gives the recount of the open cases. */
  async change(day: string, kind: 'holiday' | 'swapped-working', at: number): Promise<number> {
    const { agency } = this;
    const row = { agency, day, kind, name: 'Thử nghiệm' };
    const reason = { vi: 'Thử nghiệm.', en: 'A test.' };
    const admin: Actor = { sub: 'explorer.admin', name: 'Quản trị', roles: ['admin'] };
    return this.#db.transaction(async (trx) => {
      await trx('calendar_days').insert(row).onConflict(['agency', 'day']).merge();
      return askForRecount(trx, { agency, reason, actor: admin, at: new Date(at) });
    });
  }

  /** A number of each life's own: somebody has one health record only. */
  get #personalNumber(): string {
    return `0770909${this.agency.replaceAll(/\D/g, '').slice(-5).padStart(5, '0')}`;
  }

  /** The citizen files an application; gives the case code. */
  async file(id: string, seed: number, at: number): Promise<string> {
    const procedure = this.#procedure(id);
    if (id === 'healthConsent' && seed % 4 !== 1) await this.#openHealthRecord(at);
    const answers = applicationOf(id, procedure, seed);
    // The one upload of a life is its citizen's.
    const kinds = procedure.applicant === 'agency' ? [] : Object.keys(procedure.papers);
    const papers = kinds.map((kind) => ({ kind, upload: this.#upload }));
    const by = { actor: procedure.applicant === 'agency' ? colleague(this.agency, names[0]!) : citizen };
    const filing = {
      ...by,
      at: new Date(at),
      procedure: { ...procedure, id },
      agency: this.agency,
      applicant: {
        fullName: citizen.name,
        personalNumber: this.#personalNumber,
        dateOfBirth: '1990-05-12',
        receiveBy: seed % 3 === 1 ? 'oneStop' : 'online',
      },
      answers,
      publicAnswers: withoutPersonal(procedure.application, answers),
      papers,
      wrappedKey: randomBytes(32),
    };
    const leading = [...this.#procedures].find(([, { campaign }]) => campaign?.of === procedure.code);
    return this.#db.transaction(async (trx) => {
      if (!procedure.membership || !leading) {
        const { code } = await fileApplication(trx, filing);
        if (procedure.campaign) await planSample(trx, { ...by, at: filing.at, campaign: code }, procedure);
        return code;
      }
      const { window, ...round } = await this.campaign.round(trx, leading, filing.at);
      const { code } = await fileApplication(trx, { ...filing, window, start: { round } });
      await this.campaign.enrol(trx, code);
      return code;
    });
  }

  /** What a consent is given for: an open record of the same citizen, kept elsewhere. */
  async #openHealthRecord(at: number): Promise<void> {
    const personalNumber = this.#personalNumber;
    if (await recordOfCitizen(this.#db, personalNumber)) return;
    const filing = {
      actor: citizen,
      at: new Date(at),
      procedure: { ...this.#procedure('healthRecord'), id: 'healthRecord' },
      agency: 'H29.25.16',
      applicant: { fullName: citizen.name, personalNumber },
      answers: {},
      publicAnswers: {},
      papers: [],
      wrappedKey: randomBytes(32),
    };
    const { code: caseCode } = await this.#db.transaction((trx) => fileApplication(trx, filing));
    await draftRecord(this.#db, { caseCode, citizenSub: citizen.sub, personalNumber, at: new Date(at) });
    await this.#db('health_records').where({ case_code: caseCode }).update({ state: 'open' });
  }

  /** Draws an answer to a task; seed 0 is the plain one. */
  answer(id: string, task: TaskNow, seed: number, at: number): unknown {
    const procedure = this.#procedure(id);
    const form = procedure.tasks[task.name]?.form;
    if (!form) throw new Error(`${id} has no task ${task.name}`);
    const kinds = Object.keys(procedure.papers);
    if (task.name === 'correction') return { ...this.#corrected(id, seed), reason: 'Nhập sai.' };
    const { amount } = task.context;
    // The one upload of a life is its citizen's.
    const papers = task.role === 'citizen' ? [] : [[]];
    return answerTo(form, seed, {
      upload: [this.#upload],
      kind: kinds,
      what: [...kinds, ...Object.keys(procedure.names).filter((name) => name.startsWith('/'))],
      paidAt: [new Date(at).toISOString()],
      papers,
      ...(typeof amount === 'number' ? { amount: [amount] } : {}),
    });
  }

  /** Makes the request that completes a task; sent again it is the same request. */
  completing(actor: Actor, task: Pick<TaskNow, 'id'>, answer: unknown, at: number): Act {
    const request = this.#request(actor, { id: task.id, answer }, at);
    // Without a time of grace: a life's acts are told at once, or held back by a move of its own.
    const rulesOf = ({ procedure, name }: { procedure: string; name: string }) => {
      const { form, entails } = this.#procedure(procedure).tasks[name]!;
      const { application } = this.#procedure(procedure);
      return {
        check: (given: unknown) => form.parse(given),
        personal: personalFields(form),
        ...(entails ? { entails: entailments[entails] } : {}),
        ...(name === 'correction' ? { together: (answers: unknown) => application.parse(answers) } : {}),
      };
    };
    return () =>
      once(this.#db, request, async (trx) => ({
        status: 200,
        body: await completeTask(trx, { actor, at: request.at, id: task.id, answer, rulesOf }),
      }));
  }

  /** The applicant changes the application, all of it, as it may be while a task lets them. */
  amending(code: string, id: string, seed: number, at: number): Act {
    const procedure = this.#procedure(id);
    const answers = applicationOf(id, procedure, seed);
    const publicAnswers = withoutPersonal(procedure.application, answers);
    const papers =
      seed % 2 ? [] : Object.keys(procedure.papers).map((kind) => ({ kind, upload: this.#upload }));
    const given = { code, answers, publicAnswers, papers };
    return this.#act(citizen, given, at, (trx, by) => amendCase(trx, by, given, procedure.area));
  }

  /** Transfers a case from the agency that has it to another one of the city, or back. */
  transferring(code: string, from: string, at: number): Act {
    const to = from === this.agency ? 'H29.17' : this.agency;
    const actor = colleague(from, names[0]!);
    const given = { code, to, reason: 'Thử nghiệm.' };
    const dueOf: TransferDue = (received, rows) => transferDue(received, calendarOf(rows));
    return this.#act(actor, given, at, (trx, by) => transferCase(trx, by, given, dueOf));
  }

  /** Asks an agency of the city for its opinion on a case. */
  consulting(code: string, agency: string, at: number): Act {
    const given = { code, agency: 'H29.21', question: 'Thử nghiệm?', within: '3wd' };
    return this.#act(colleague(agency, names[1]!), given, at, (trx, by) => consultAgency(trx, by, given));
  }

  /** What an application should have said, all of it, so that its fields fit each other; or that it was right. */
  #corrected(id: string, seed: number) {
    if (seed % 4 === 3) return { decision: 'refuse' };
    return { ...applicationOf(id, this.#procedure(id), seed), decision: 'correct' };
  }

  #act(
    actor: Actor,
    given: unknown,
    at: number,
    work: (trx: Transaction, by: { actor: Actor; at: Date }) => Promise<unknown>,
  ): Act {
    const request = this.#request(actor, given, at);
    return () =>
      once(this.#db, request, async (trx) => {
        await work(trx, { actor, at: request.at });
        return { status: 200, body: null };
      });
  }

  /** Claims a task for a colleague. */
  async claim(actor: Actor, task: Pick<TaskNow, 'id'>, at: number): Promise<void> {
    await this.#db.transaction((trx) => claimTask(trx, { actor, at: new Date(at), id: task.id }));
  }

  #request(actor: Actor, body: unknown, at: number): Request {
    return {
      actorSub: actor.sub,
      key: randomUUID(),
      requestHash: Buffer.from(digest(body), 'hex'),
      at: new Date(at),
    };
  }

  #procedure(id: string): Procedure {
    const procedure = this.#procedures.get(id);
    if (!procedure) throw new Error(`no procedure ${id}`);
    return procedure;
  }
}

/** Who may perform a task, the person to be tried first at the front; at last a newcomer, who has done nothing yet. */
export function performersOf({ role, agency, name: task, number }: TaskNow, first: number): Actor[] {
  if (role === 'citizen') return [citizen];
  const people = names.map((_, index) => names[(first + index) % names.length]!);
  return [...people, `Mới ${task} ${number}`].map((name) => colleague(agency ?? '', name));
}
