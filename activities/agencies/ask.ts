import { ApplicationFailure } from '@temporalio/common';
import { loadForEffect } from '../../records/case-file.ts';
import type { Database } from '../../records/db.ts';
import { keepEffect } from '../../records/effects.ts';
import { AgencyRefused, AgencyUnavailable } from './call.ts';
import { questions, type Agencies, type Asking, type Questions } from './questions.ts';

/** One question of one case: (case, question, number) is its business key. */
export interface AskRequest {
  case: string;
  question: keyof Questions;
  number: number;
  /** The workflow's instant (ISO 8601). */
  at: string;
  details: Record<string, unknown>;
}

/** What the connectors need. */
export interface AskDependencies {
  db: Database;
  agencies: Agencies;
}

/**
 * Makes the activity that asks an agency once for each business key; the kept answer is given ever after.
 *
 * It fails with `AgencyUnavailable` or `AgencyRefused`, in words that an admin can act on.
 */
export function createAsk({ db, agencies }: AskDependencies) {
  return async function ask(request: AskRequest): Promise<unknown> {
    const key = { caseCode: request.case, effect: request.question, number: request.number };
    const { file, kept } = await loadForEffect(db, key);
    if (kept !== undefined) return kept;
    const at = new Date(request.at);
    const asking: Asking = { db, file, at, key: `${request.case}/${request.question}/${request.number}` };
    const answer = await put(agencies, asking, request).catch((error: unknown) => {
      if (error instanceof AgencyUnavailable || error instanceof AgencyRefused)
        throw ApplicationFailure.create({ type: error.name, message: error.message });
      throw error;
    });
    return keepEffect(db, key, answer, at);
  };
}

function put(agencies: Agencies, asking: Asking, { question, details }: AskRequest): Promise<unknown> {
  const ask = questions[question] as (a: Agencies, b: Asking, c: unknown) => Promise<unknown>;
  return ask(agencies, asking, details);
}
