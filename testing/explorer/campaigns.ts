import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answerTasks } from '../../records/engine-answers.ts';
import { announceCampaign, enrol, listRounds, type FilingRound } from '../../records/campaign-rounds.ts';
import { putOffers } from '../../records/campaigns.ts';
import { fileApplication } from '../../records/cases.ts';
import type { Actor } from '../../records/actor.ts';
import type { Database, Transaction } from '../../records/db.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import { applicationOf } from './answers.ts';

const schools = fileURLToPath(new URL('../../samples/school-campaign/schools.json', import.meta.url));

interface Sample {
  offers: { code: string; details: Record<string, unknown> }[];
}

/** Plans what the campaign of a case has places of, as its sample has it. */
export async function planSample(
  trx: Transaction,
  by: { actor: Actor; at: Date; campaign: string },
  { campaign }: Procedure,
): Promise<void> {
  const { offers } = JSON.parse(readFileSync(schools, 'utf8')) as Sample;
  const planned = offers.map((offer) => ({ ...offer, ...campaign!.places(offer.details) }));
  await putOffers(trx, by, planned);
}

const day = 86_400_000;

/** The one campaign of an agency, of which the members of a life are: it has places, and decides when it is told to. */
export class CampaignAround {
  readonly #db: Database;
  readonly #agency: string;
  readonly #leader: Actor;
  #round: (FilingRound & { window: string }) | undefined;

  constructor(db: Database, agency: string, leader: Actor) {
    this.#db = db;
    this.#agency = agency;
    this.#leader = leader;
  }

  /** The round in which applications of a procedure are taken. */
  async round(
    trx: Transaction,
    [id, procedure]: [string, Procedure],
    at: Date,
  ): Promise<FilingRound & { window: string }> {
    this.#round ??= await this.#announce(trx, id, procedure, at);
    return this.#round;
  }

  /** Makes an application a member. */
  async enrol(trx: Transaction, code: string): Promise<void> {
    await enrol(trx, code, this.#round!, { path: [], key: randomUUID() });
  }

  async #announce(trx: Transaction, id: string, procedure: Procedure, at: Date) {
    const actor = this.#leader;
    const answers = applicationOf(id, procedure, 0);
    const { code } = await fileApplication(trx, {
      actor,
      at,
      procedure: { ...procedure, id },
      agency: this.#agency,
      applicant: { fullName: actor.name },
      answers,
      publicAnswers: answers,
      papers: [],
      wrappedKey: randomBytes(32),
    });
    await planSample(trx, { actor, at, campaign: code }, procedure);
    const after = (days: number) => new Date(at.getTime() + days * day).toISOString();
    const times = {
      opens: after(-1),
      closes: after(10),
      checkedBy: after(15),
      appealBy: after(25),
      confirmBy: after(30),
      givenOnUntil: after(40),
    };
    await announceCampaign(trx, code, [times], at);
    // Whoever approved the allocation signs the notices.
    await trx('tasks').insert({
      id: randomUUID(),
      case_code: code,
      name: 'approval',
      number: 1,
      role: 'head',
      agency: this.#agency,
      context: '{}',
      state: 'done',
      opened_at: at,
      closed_at: at,
      closed_by: JSON.stringify({ sub: actor.sub, name: actor.name }),
    });
    const [round] = await listRounds(trx, code);
    const { window } = await trx('campaign_rounds')
      .where({ campaign: code, number: 1 })
      .first<{ window: string }>('filing_window as window');
    return { campaign: code, number: 1, checkedBy: round!.checkedBy, window };
  }

  /** Decides of a member that waits for it: gives it a place, lets it wait on, or tells it that there will be none. */
  async decide(code: string, drawn: number, now: number): Promise<string> {
    const campaign = this.#round!.campaign;
    const at = new Date(now);
    return this.#db.transaction(async (trx) => {
      await trx('campaigns').where({ code: campaign }).forUpdate().first('code');
      const given =
        (await held(trx, code)) ?? (drawn % 3 > 0 ? undefined : await give(trx, campaign, code, at));
      const result = given ? 'offered' : drawn % 3 === 1 ? 'none' : 'waiting';
      const until = (days: number) => new Date(now + days * day).toISOString();
      const told = {
        result,
        ...(given ? { offer: given, confirmBy: until(10) } : {}),
        ...(result === 'none' ? {} : { appealBy: until(5) }),
      };
      const personal = { placeName: 'Trường Thử nghiệm', placeWhy: 'Thử nghiệm.' };
      await answerTasks(trx, 'placement', [{ caseCode: code, told, personal }], at);
      return result;
    });
  }
}

async function held(trx: Transaction, code: string): Promise<string | undefined> {
  const row = await trx('places').where({ case_code: code }).first<{ offer: string } | undefined>('offer');
  return row?.offer;
}

async function give(trx: Transaction, campaign: string, code: string, at: Date): Promise<string | undefined> {
  const free = await trx('places')
    .where({ campaign, case_code: null })
    .orderBy(['offer', 'number'])
    .first<{ offer: string; number: number } | undefined>('offer', 'number');
  if (!free) return undefined;
  const given = { case_code: code, given_at: at, freed: false };
  await trx('places')
    .where({ campaign, ...free })
    .update(given);
  return free.offer;
}
