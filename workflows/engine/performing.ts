import { CancellationScope, patched } from '@temporalio/workflow';
import { reliably } from './activities.ts';
import type { CaseRun, Performed } from './case-run.ts';
import { endOfDay } from './legal-clock.ts';
import type { Facts } from './procedure.ts';
import type { Story, TaskContext, TaskOptions } from './story.ts';
import type { TaskFacts } from './task-facts.ts';

type Question = Parameters<Story<Facts>['ask']>[0];

/** The functions of a story by which it has its tasks performed. */
export function taskFunctions(run: CaseRun): Story<Facts>['tasks'] {
  return Object.fromEntries(
    Object.entries(run.facts.tasks).map(([name, task]) => [
      name,
      async (context: TaskContext, { until, ...options }: TaskOptions = {}) => {
        if (task.clock === 'pause') run.steps.add({ op: 'clock', to: 'pause', waitsFor: 'applicant' });
        if (task.clock === 'stop') run.steps.add({ op: 'clock', to: 'stop' });
        const answer = task.panel
          ? await performTogether(run, name, task.panel, context)
          : answerOf(await perform(run, name, { context, ...options, ...untilOf(task, until) }));
        if (task.clock === 'pause') run.steps.add({ op: 'clock', to: 'resume' });
        return answer;
      },
    ]),
  ) as unknown as Story<Facts>['tasks'];
}

/** What is standing lasts to the end of a day, other waits to an instant. */
const untilOf = ({ standing }: TaskFacts, until: string | undefined) =>
  until === undefined ? {} : { until: standing ? endOfDay(until) : until };

/** What the story is told of a task: its answer, or that the application was amended while it was open. */
export const answerOf = ({ answer, amended }: Performed) => (amended ? 'amended' : answer);

/** Has a task performed by as many different people: none of them may do it in the place of another. */
async function performTogether(run: CaseRun, name: string, people: number, context: TaskContext) {
  const task = engineTask(run, name);
  const numbers = Array.from({ length: people }, () => run.next(name));
  const performed = await Promise.all(
    numbers.map((number) => {
      const others = numbers.filter((each) => each !== number).map((each) => `${name}#${each}`);
      const alone = { ...task, notBy: [...(task.notBy ?? []), ...others] };
      return run.perform(name, alone, { number, context });
    }),
  );
  return performed.map(answerOf);
}

/** Opens a task, asks the question that its facts name as it opens, and waits for its answer, whoever gives it. */
export async function perform(run: CaseRun, name: string, options: Parameters<CaseRun['perform']>[2] = {}) {
  const task = engineTask(run, name);
  const { told } = task;
  if (!told) return run.perform(name, task, options);
  const telling = new CancellationScope();
  const tell = (taskId: string) => ask(run)(told, { ...options.context, taskId });
  // A machine's task belongs to the agency that the city names for the question.
  const machine = task.by === 'treasury' || task.by === 'registry';
  const performed = await run.perform(name, task, {
    ...(machine ? { consultation: told } : {}),
    ...options,
    opened: (id) => void telling.run(() => tell(id)).catch(() => undefined),
  });
  telling.cancel();
  return performed;
}

/** The facts of a task, the engine's own among them. */
export function engineTask(run: CaseRun, name: string): TaskFacts {
  const task = run.facts.tasks[name];
  if (!task) throw new Error(`the procedure declares nothing for "${name}"`);
  return task;
}

/** Asks an agency's system; while it does not answer, the wait stands as the agency's with the case. */
export function ask(run: CaseRun) {
  return async (question: Question, details: Record<string, unknown>): Promise<unknown> => {
    const number = run.next(`ask.${question}`);
    const request = { case: run.start.code, question, number, details, at: new Date().toISOString() };
    let down = false;
    try {
      const call = { object: question, summary: `Hỏi · Ask: ${question}` };
      return await reliably(run.shield, { verb: 'ask', ...call, args: [request] }, () => {
        down = true;
        run.steps.unanswered(number, question);
        return run.flush();
      });
    } finally {
      if (down) {
        run.steps.answered(number, question);
        // What is asked beside the story may be followed by nothing for days.
        if (patched('an agency that was down is no longer waited for once it answers')) void run.flush();
      }
    }
  };
}
