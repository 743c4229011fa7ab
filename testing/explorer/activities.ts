import { randomBytes, randomUUID } from 'node:crypto';
import { AgencyUnavailable } from '../../activities/agencies/call.ts';
import { createAsk } from '../../activities/agencies/ask.ts';
import { HomeAnswer, IdentityAnswer } from '../../activities/agencies/resident-registry.ts';
import { BirthAnswer } from '../../activities/agencies/birth-certificates.ts';
import { MarriageAnswer } from '../../activities/agencies/civil-status.ts';
import { DosesAnswer } from '../../activities/agencies/immunisations.ts';
import { ClaimsAnswer } from '../../activities/agencies/insurance-claims.ts';
import { PupilAnswer } from '../../activities/agencies/education.ts';
import { ParcelAnswer } from '../../activities/agencies/land-registry.ts';
import { PlanningAnswer } from '../../activities/agencies/planning.ts';
import type { Agencies } from '../../activities/agencies/questions.ts';
import { createCaseActivities } from '../../activities/cases.ts';
import type { LetterRequest } from '../../activities/documents/letters.ts';
import type { IssueRequest } from '../../activities/documents/issue.ts';
import type { Activities } from '../../activities/index.ts';
import { createCampaign } from '../../activities/campaigns.ts';
import { createRecount } from '../../activities/recount.ts';
import { createFile } from '../../activities/sub-cases.ts';
import { systemClock } from '../../clock.ts';
import { loadCaseFile, performerOf } from '../../records/case-file.ts';
import type { Database } from '../../records/db.ts';
import {
  enterDocument,
  findCorrected,
  supersede,
  takeRegisterNumber,
  type DocumentKey,
} from '../../records/documents.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import { campaignRules } from '../../workflows/campaigns.ts';
import { draftSubCases } from '../../workflows/sub-cases.ts';
import { answerTo } from './answers.ts';

/** Where trouble can be made on purpose: a call fails there once, as when its process is killed or its peer is away. */
export type Place = 'step' | 'letter' | 'ask' | 'answer' | 'number' | 'document';

/** Thrown where trouble was made on purpose; every other error of an activity is a defect. */
export class Trouble extends Error {}

/** The activities that cases call. */
export type CaseActivities = Omit<Activities, 'augment' | 'settle'>;

/** What a life does to the world around its cases. */
export interface Surroundings {
  /** Throws {@link Trouble} where some has been made. */
  strike(place: Place): void;
  /** Whether the systems of other agencies are down. */
  down: boolean;
  /** What those systems answer is drawn with it. */
  seed: number;
  /** What was written on a paper, with everything that its template is given. */
  wrote(paper: { document: string; number: number; data: Record<string, unknown> }): void;
}

/**
 * The worker's activities over a real database, with its real steps, effects and register numbers; the systems of
 * other agencies are replaced, and of a document only its row is left.
 */
export function explorerActivities(
  db: Database,
  procedures: ReadonlyMap<string, Procedure>,
  around: Surroundings,
): CaseActivities {
  const enter = async (
    key: DocumentKey,
    at: string,
    registerNumber: string | null,
    data: Record<string, unknown>,
    kept: Record<string, unknown> | null = null,
  ) => {
    around.strike('document');
    const title = { vi: key.document, en: key.document };
    const row = { id: randomUUID(), registerNumber, title, sha256: '', size: 0, signers: [], data: kept };
    const entered = await enterDocument(db, key, { ...row, at: new Date(at) });
    around.wrote({ document: key.document, number: key.number, data });
    return entered;
  };
  const ask = createAsk({ db, clock: systemClock, agencies: replacedAgencies(around) });
  const cases = createCaseActivities({
    db,
    async letter({ case: caseCode, letter: document, number, at, data }: LetterRequest) {
      around.strike('letter');
      await enter({ caseCode, document, number }, at, null, data);
    },
  });
  return {
    recount: createRecount(db, 0),
    ...createCampaign({ db, campaignRules: campaignRules(procedures) }),
    file: createFile({ db, draftSubCase: draftSubCases(procedures), newCaseKey: () => randomBytes(32) }),
    async step(step) {
      around.strike('step');
      return cases.step(step);
    },
    async ask(request) {
      around.strike('ask');
      const answer = await ask(request);
      around.strike('answer');
      return answer;
    },
    async issue({ case: caseCode, document, number, facts, at, data, corrects, supersedes }: IssueRequest) {
      const key = { caseCode, document, number };
      const [{ agency }, signer] = await Promise.all([
        loadCaseFile(db, caseCode),
        performerOf(db, caseCode, facts.signedBy),
      ]);
      if (!signer) throw new Error(`nobody has performed ${facts.signedBy}, who signs ${document}`);
      const year = new Date(Date.parse(at) + 7 * 3_600_000).getUTCFullYear();
      const taken = await takeRegisterNumber(
        db,
        key,
        { agency: agency.code, kind: facts.register, year },
        new Date(at),
      );
      around.strike('number');
      const registerNumber = `${taken}/${facts.register}-${agency.abbreviation}`;
      const wrong = corrects ? await findCorrected(db, corrects) : undefined;
      const kept = wrong?.data ?? data;
      const { id } = await enter(key, at, registerNumber, kept, kept);
      if (wrong) await supersede(db, wrong.id, id);
      if (supersedes) await supersede(db, supersedes, id);
      return { id, registerNumber };
    },
  };
}

/** The systems of other agencies: each answers something that its contract allows, or is down. */
function replacedAgencies(around: Surroundings): Agencies {
  const answers = <T>(agency: string, answer: () => unknown) =>
    around.down
      ? Promise.reject<T>(
          new AgencyUnavailable(agency, { vi: 'không kết nối được', en: 'cannot be reached' }),
        )
      : Promise.resolve(answer() as T);
  return {
    residents: {
      verifyIdentity: () => answers('resident registry', () => answerTo(IdentityAnswer, around.seed)),
      lookUpHome: () => answers('resident registry', () => answerTo(HomeAnswer, around.seed)),
      requestPersonalNumber: () => answers('resident registry', () => undefined),
      enterHealthRecord: () => answers('resident registry', () => undefined),
    },
    births: { lookUpBirth: () => answers('birth certificates', () => answerTo(BirthAnswer, around.seed)) },
    civilStatus: {
      lookUpMarriage: () => answers('civil status', () => answerTo(MarriageAnswer, around.seed)),
    },
    residence: { askHousehold: () => answers('residence system', () => undefined) },
    education: {
      lookUpPupil: () => answers('education registry', () => answerTo(PupilAnswer, around.seed)),
      handOver: () => answers('education registry', () => ({ pupils: around.seed % 35 })),
    },
    socialInsurance: { requestCard: () => answers('social insurance', () => undefined) },
    immunisations: {
      lookUpDoses: () => answers('immunisation registry', () => answerTo(DosesAnswer, around.seed)),
    },
    insuranceClaims: {
      lookUpClaims: () => answers('insurance claims', () => answerTo(ClaimsAnswer, around.seed)),
    },
    land: { lookUpParcel: () => answers('land registry', () => answerTo(ParcelAnswer, around.seed)) },
    planning: { checkBuilding: () => answers('planning map', () => answerTo(PlanningAnswer, around.seed)) },
    consultations: {
      ask: () => answers('consulted agency', () => (around.seed % 2 === 0 ? 'asked' : 'no-system')),
    },
    treasury: {
      requestPayment: ({ reference, amount, purpose }) =>
        answers('treasury', () => ({
          reference,
          amount,
          purpose,
          order: `KB-${reference}`,
          state: 'requested',
          vietQr: '00020101',
        })),
      cancelPayment: ({ reference }) =>
        answers('treasury', () => ({
          reference,
          amount: 0,
          purpose: reference,
          order: `KB-${reference}`,
          state: 'cancelled',
          vietQr: '00020101',
        })),
    },
  };
}
