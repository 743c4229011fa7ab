import type { Actor } from './actor.ts';
import type { DataClass, SensitiveClass } from '../fhir/codings.ts';
import type { Transaction } from './db.ts';
import { endConsent, replaceConsent } from './health-consents.ts';
import { judgeEmergency } from './health-emergencies.ts';
import { restrictRecord } from './health-records.ts';
import { localDay } from './local-day.ts';
import { Refusal } from './refusal.ts';

/** The answer to a task in the transaction in which it is given: what it brings about counts from its commit on. */
export interface Answered {
  code: string;
  number: number;
  answer: Readonly<Record<string, unknown>>;
  actor: Actor;
  at: Date;
}

/** The longest time for which somebody may consent. */
const mostYears = 5;
const yearsAfter = (day: string, years: number) => `${Number(day.slice(0, 4)) + years}${day.slice(4)}`;

interface ConsentChange {
  decision: 'withdraw' | 'replace';
  classes?: DataClass[];
  sensitive?: SensitiveClass[];
  until?: string;
}

/**
 * What an answer brings about beside telling its case, by the names that facts give it. Rights of citizens are here: they must not wait
 * for a worker.
 */
export const entailments = {
  /** A consent ends, or has another version. */
  consentChanged: async (trx: Transaction, { code, answer, at }: Answered) => {
    const { decision, classes = [], sensitive = [], until } = answer as unknown as ConsentChange;
    if (decision === 'withdraw' || !until) {
      await endConsent(trx, code, 'withdrawn', at);
      return;
    }
    const day = localDay(at);
    if (until < day || until > yearsAfter(day, mostYears))
      throw new Refusal('invalid-form', 'Thời hạn không đúng · Not the right period', [
        {
          pointer: '/answer/until',
          detail: `Từ hôm nay, tối đa ${mostYears} năm · From today, for ${mostYears} years at most`,
        },
      ]);
    await replaceConsent(trx, code, { classes, sensitive, from: day, to: until }, at);
  },
  /** A record shows nothing to anybody by consent, or does again. */
  recordRestricted: async (trx: Transaction, { code, answer }: Answered) => {
    const { wish } = answer;
    if (wish === 'restrict' || wish === 'lift') await restrictRecord(trx, code, wish === 'restrict');
  },
  /** What a review of an emergency has found. */
  emergencyJudged: async (trx: Transaction, { code, number, answer, ...by }: Answered) => {
    const { verdict } = answer as { verdict: 'justified' | 'abuse' };
    await judgeEmergency(trx, by, { code, number, verdict });
  },
} as const satisfies Record<string, (trx: Transaction, answered: Answered) => Promise<void>>;

export type Entailed = keyof typeof entailments;
