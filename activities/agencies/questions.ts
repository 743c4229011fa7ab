import type { Database } from '../../records/db.ts';
import { tariffOf } from '../../records/fees.ts';
import { localDay } from '../../records/local-day.ts';
import { addToTaskContext, type CaseFile } from '../../records/case-file.ts';
import { tellPaidTwice } from '../../records/payments.ts';
import type { BirthCertificates } from './birth-certificates.ts';
import { birthQuestions, type BirthFindings } from './birth-questions.ts';
import { childQuestions } from './child-questions.ts';
import { incidentQuestions, type IncidentQuestions } from './incident-questions.ts';
import type { CivilStatus } from './civil-status.ts';
import type { Consultations } from './consultations.ts';
import { healthQuestions } from './health-questions.ts';
import type { Immunisations } from './immunisations.ts';
import type { InsuranceClaims } from './insurance-claims.ts';
import type { Education } from './education.ts';
import type { LandRegistry, ParcelAnswer } from './land-registry.ts';
import type { Planning, PlanningAnswer } from './planning.ts';
import type { Residence } from './residence.ts';
import type { ResidentRegistry } from './resident-registry.ts';
import { schoolQuestions, type HomeFindings, type SchoolingFindings } from './school-questions.ts';
import type { SocialInsurance } from './social-insurance.ts';
import type { Treasury } from './treasury.ts';

/** The systems of other agencies that a case may ask. */
export interface Agencies {
  residents: ResidentRegistry;
  land: LandRegistry;
  planning: Planning;
  consultations: Consultations;
  treasury: Treasury;
  births: BirthCertificates;
  civilStatus: CivilStatus;
  residence: Residence;
  socialInsurance: SocialInsurance;
  immunisations: Immunisations;
  insuranceClaims: InsuranceClaims;
  education: Education;
}

interface Parcel {
  sheet: number;
  number: number;
  certificate: string;
}

type FoundParcel = Extract<ParcelAnswer, { found: true }>;
type ParcelFindings =
  | { found: false }
  | (Omit<FoundParcel, 'address' | 'encumbrances'> & {
      encumbrances: FoundParcel['encumbrances'][number]['kind'][];
    });

interface Building {
  floorsAbove: number;
  densityPercent: number;
  heightM: number;
  setbackFrontM: number;
  setbackSideM: number;
  setbackRearM: number;
}

/** Marks a stand-in: the system was not waited for, and nothing is confirmed. */
interface Unanswered {
  unanswered?: true;
}

/** What a story may ask and what it is told: details without personal data, answers reduced to what it needs. */
export interface Questions extends IncidentQuestions {
  /** Is the applicant who they say they are? The personal data are taken from the case's file. */
  identity: {
    question: Record<string, never>;
    answer: { match: boolean; mismatches: string[] } & Unanswered;
  };
  /** What does the cadastre know of the parcel, and does it belong to the applicant? Nobody's name or address. */
  parcel: { question: { parcel: Parcel }; answer: ParcelFindings & Unanswered };
  /** Does the plan of the zone allow this building? */
  planning: { question: { parcel: Parcel; building: Building }; answer: PlanningAnswer & Unanswered };
  /** Hands a consultation to the agency's system. */
  opinion: {
    question: { taskId: string; question: string; consultation: string };
    answer: { asked: boolean };
  };
  /**
   * What does the agency's tariff say on this day, in đồng, for so many units of each item? The procedure's own amounts where it says
   * nothing.
   */
  fee: {
    question: { amount: Tariff; units?: Readonly<Record<string, number>> | undefined };
    answer: { amount: number };
  };
  /** Orders a payment at the treasury. */
  payment: { question: { taskId: string; amount: number }; answer: { order: string } };
  /** Cancels that order, as the fee was paid at the counter; false when it was paid there too. */
  cancelPayment: { question: Record<string, never>; answer: { cancelled: boolean } };
  /** What does the health ministry know of the birth in the application? Nobody's name or date. */
  birth: { question: Record<string, never>; answer: BirthFindings & Unanswered };
  /** Do the marriage records know the parents in the application as a couple? */
  marriage: { question: Record<string, never>; answer: { known: boolean } & Unanswered };
  /** Asks the resident registry for the personal number of the child in the application. */
  personalNumber: { question: { taskId: string }; answer: { asked: true } };
  /** Asks the head of the household, by the residence system, whether the child in the application may live there. */
  householdConsent: { question: { taskId: string }; answer: { asked: true } };
  /** Asks the social insurance for the card of the child in the application. */
  healthCard: { question: { taskId: string }; answer: { asked: true } };
  /** Has the applicant a health record that another case has opened? */
  healthRecord: { question: Record<string, never>; answer: { found: boolean } };
  /** Takes over what the immunisation registry knows of the applicant; how many entries, and nothing of them. */
  vaccinations: { question: Record<string, never>; answer: { entries: number } & Unanswered };
  /** Takes over what health insurance has paid for, likewise. */
  insuranceClaims: { question: Record<string, never>; answer: { entries: number } & Unanswered };
  /** Shows the applicant what registries have told. */
  pulledRecord: { question: { taskId: string }; answer: { shown: true } };
  /** Shows whoever signs what will be, or is, in the record. */
  recordDraft: { question: { taskId: string }; answer: { shown: true } };
  /** Publishes the record that the case opens. */
  publishRecord: { question: Record<string, never>; answer: { published: boolean } };
  /** Tells the national population database where the record is kept. */
  recordHandOver: { question: Record<string, never>; answer: { handedOver: true } };
  /** Erases the record that the case has opened, with all consents for it. */
  eraseRecord: { question: Record<string, never>; answer: { erased: true } };
  /** Brings the consent of the application into force; not where there is no record any more. */
  grantConsent: { question: Record<string, never>; answer: { granted: boolean } };
  /** Ends the consent of the case, whose last day is over. */
  endConsent: { question: Record<string, never>; answer: { ended: true } };
  /** Shows whoever reviews an emergency who has opened the record, and why. */
  emergency: { question: { taskId: string; emergency: string }; answer: { shown: true } };
  /** Where does the child in the application live, says the resident registry, and since when? Not the place. */
  registeredHome: { question: Record<string, never>; answer: HomeFindings & Unanswered };
  /** What does the education registry know of the child in the application, and of the sister or brother? No school. */
  schooling: { question: Record<string, never>; answer: SchoolingFindings & Unanswered };
  /** Hands the classes of a school over to the education registry: those who have confirmed their place there. */
  classLists: {
    question: { offer: string; year: string };
    answer: { pupils: number; classes: number };
  };
  /** Gives the member of a campaign a place on appeal: a free one, or an extra one; our own records answer. */
  grantPlace: {
    question: {
      offer: string;
      extra: boolean;
      /** Whether the case waits for its campaign to be told. */
      told: boolean;
      why: { vi: string; en: string };
    };
    answer: { granted: true; confirmBy: string } | { granted: false; why: 'no-place' | 'no-member' };
  };
  /** Shows the performer of a task the answers of the application, with what tasks have given since. */
  application: { question: { taskId: string }; answer: { shown: true } };
}

/** Đồng for a procedure, or for a unit of each item. */
type Tariff = number | Readonly<Record<string, number>>;

/** The questions that hand over a task, or show more of it, as it opens. */
export type Told = {
  [Q in keyof Questions]: Questions[Q]['question'] extends { taskId: string } ? Q : never;
}[keyof Questions];

/** Where a question comes from. */
export interface Asking {
  db: Database;
  file: CaseFile;
  /** The workflow's instant. */
  at: Date;
  /** Business key, sent to the agency as idempotency key. */
  key: string;
}

/** How a question is put to its agency. */
export type Ask<Q extends keyof Questions> = (
  agencies: Agencies,
  asking: Asking,
  question: Questions[Q]['question'],
) => Promise<Questions[Q]['answer']>;

/** Bank transfer notes keep 25 plain characters: the case code without its punctuation. */
const transferNote = (code: string) => code.replaceAll(/[^A-Z0-9]/g, '');

/** How each question is put to its agency. */
export const questions: { [Q in keyof Questions]: Ask<Q> } = {
  async identity({ residents }, { file, key }) {
    const { personalNumber, fullName, dateOfBirth } = file.applicant as Record<string, string>;
    const answer = await residents.verifyIdentity(
      {
        personalNumber: personalNumber ?? '',
        fullName: fullName ?? '',
        dateOfBirth: dateOfBirth ?? '',
        caseCode: file.code,
      },
      key,
    );
    return { match: answer.match, mismatches: answer.mismatches };
  },

  async parcel({ land }, { file, key }, { parcel }) {
    const answer = await land.lookUpParcel(
      {
        sheet: parcel.sheet,
        number: parcel.number,
        certificate: parcel.certificate,
        ownerPersonalNumber: file.applicant['personalNumber'] as string,
        caseCode: file.code,
      },
      key,
    );
    if (!answer.found) return answer;
    const { address: _address, encumbrances, ...facts } = answer;
    return { ...facts, encumbrances: encumbrances.map(({ kind }) => kind) };
  },

  planning: ({ planning }, { file, key }, { parcel, building }) =>
    planning.checkBuilding(
      {
        parcel: { sheet: parcel.sheet, number: parcel.number },
        floors: building.floorsAbove,
        densityPercent: building.densityPercent,
        heightM: building.heightM,
        setbacks: {
          frontM: building.setbackFrontM,
          sideM: building.setbackSideM,
          rearM: building.setbackRearM,
        },
        caseCode: file.code,
      },
      key,
    ),

  async opinion({ consultations }, { file, key }, { consultation, taskId, question }) {
    const told = await consultations.ask({ consultation, taskId, caseCode: file.code, question }, key);
    return { asked: told === 'asked' };
  },

  async fee(_agencies, { db, file, at }, { amount, units }) {
    const { procedureCode } = file;
    const own = await tariffOf(db, { procedureCode, agency: file.agency.code, day: localDay(at) });
    if (typeof amount === 'number') return { amount: own[''] ?? amount };
    const tariff: Record<string, number> = { ...amount, ...own };
    const owed = Object.entries(units ?? {}).map(([item, count]) => (tariff[item] ?? 0) * count);
    return { amount: owed.reduce((sum, each) => sum + each, 0) };
  },

  async payment({ treasury }, { db, file, key }, { taskId, amount }) {
    const reference = transferNote(file.code);
    const order = await treasury.requestPayment(
      { reference, amount, purpose: reference, taskId, caseCode: file.code },
      key,
    );
    await addToTaskContext(db, taskId, { reference, vietQr: order.vietQr });
    return { order: order.order };
  },

  async cancelPayment({ treasury }, { db, file, at, key }) {
    const { state } = await treasury.cancelPayment(
      { reference: transferNote(file.code), caseCode: file.code },
      key,
    );
    const cancelled = state !== 'paid';
    if (!cancelled) await tellPaidTwice(db, { code: file.code, agency: file.agency.code }, at);
    return { cancelled };
  },

  ...birthQuestions,
  ...childQuestions,
  ...incidentQuestions,
  ...healthQuestions,
  ...schoolQuestions,

  async application(_agencies, { db, file }, { taskId }) {
    await addToTaskContext(db, taskId, { application: file.answers });
    return { shown: true };
  },
};
