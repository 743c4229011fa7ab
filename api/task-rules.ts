import { entailments } from '../records/entailments.ts';
import { Refusal } from '../records/refusal.ts';
import type { TaskRules } from '../records/task-acts.ts';
import { namedIn, personalFields } from '../workflows/engine/form.ts';
import type { z } from 'zod';
import { checkFormIn } from './check.ts';
import type { Deps } from './deps.ts';
import type { Language } from './language.ts';
import { signs } from './step-up.ts';

/**
 * Finds what a procedure says of the answer to one of its tasks; problems are told in the language.
 *
 * @param expectProof asked before a task whose performer signs; throws Refusal `step-up-needed`
 * @throws Refusal `not-found` when the procedure has no such task
 */
export function rulesIn(
  procedures: Deps['procedures'],
  language: Language,
  expectProof: () => void,
): (task: { procedure: string; name: string; context?: Record<string, unknown> }) => TaskRules {
  return ({ procedure, name, context }) => {
    const { tasks, application } = procedures.get(procedure) ?? {};
    const facts = tasks?.[name];
    if (!facts) throw new Refusal('not-found', 'Thủ tục không có việc này · The procedure has no such task');
    return {
      ...(signs(procedures.get(procedure), name) ? { expectProof } : {}),
      check: (answer) => {
        const checked = checkFormIn(language, facts.form, answer, '/answer');
        if (context) expectEntries(facts.form, checked, context);
        return checked;
      },
      ...(facts.entails ? { entails: entailments[facts.entails] } : {}),
      personal: personalFields(facts.form),
      ...(name === 'correction' && application
        ? { together: (answers: unknown) => checkFormIn(language, application, answers, '/answer') }
        : {}),
      rates: facts.rates ?? false,
      graceMinutes: facts.grace && Number.parseInt(facts.grace, 10),
    };
  };
}

/**
 * Checks that an answer names only entries that its task was told of.
 *
 * @throws Refusal `invalid-form`
 */
function expectEntries(form: z.ZodObject, answer: unknown, context: Record<string, unknown>): void {
  const told = (context['entries'] ?? []) as { id: string }[];
  const errors = namedIn(form, answer, 'entry')
    .filter(({ value }) => !told.some(({ id }) => id === value))
    .map(({ pointer }) => ({
      pointer: `/answer${pointer}`,
      detail: 'Không có mục này · There is no such entry',
    }));
  if (errors.length > 0) throw new Refusal('invalid-form', 'Có mục không đúng · An entry is wrong', errors);
}
