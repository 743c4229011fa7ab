import type { TaskRules } from '../records/task-acts.ts';
import { Refusal } from '../records/refusal.ts';
import { personalFields } from '../workflows/engine/form.ts';
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
): (task: { procedure: string; name: string }) => TaskRules {
  return ({ procedure, name }) => {
    const { tasks, application } = procedures.get(procedure) ?? {};
    const facts = tasks?.[name];
    if (!facts) throw new Refusal('not-found', 'Thủ tục không có việc này · The procedure has no such task');
    return {
      ...(signs(procedures.get(procedure), name) ? { expectProof } : {}),
      check: (answer) => checkFormIn(language, facts.form, answer, '/answer'),
      personal: personalFields(facts.form),
      ...(name === 'correction' && application
        ? { together: (answers: unknown) => checkFormIn(language, application, answers, '/answer') }
        : {}),
      rates: facts.rates ?? false,
      graceMinutes: facts.grace && Number.parseInt(facts.grace, 10),
    };
  };
}
