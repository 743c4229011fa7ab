import {
  CancellationScope,
  ContinueAsNew,
  isCancellation,
  setHandler,
  TemporalFailure,
} from '@temporalio/workflow';
import { CaseRun } from './case-run.ts';
import { correctDelivered } from './correction.ts';
import { openBeside, recount, transfer, watchBeside } from './from-outside.ts';
import {
  actSignal,
  amendSignal,
  consultationSignal,
  openingSignal,
  recountSignal,
  stirSignal,
  transferSignal,
  type CaseStart,
  type Chapter,
} from './messages.ts';
import type { Facts, Procedure } from './procedure.ts';
import type { Story } from './story.ts';
import { hearWithdrawal, offerWithdrawal } from './withdrawal.ts';
import { words } from './words.ts';

/** How a case proceeds: its story, and the chapters in which a case of years goes on after it. */
export interface Course {
  story: (story: Story<Facts>) => Promise<string>;
  chapters: Readonly<Record<string, (story: Story<Facts>, state: unknown) => Promise<string>>>;
}

/** Runs a case from its filing to its outcome; the workflow function of every procedure. */
export async function runCase(
  procedure: Procedure,
  { story, chapters }: Course,
  start: CaseStart,
): Promise<string> {
  const run = new CaseRun(procedure, start);
  const scope = new CancellationScope();
  for (const task of Object.keys(procedure.tasks))
    setHandler(actSignal(task), (act) => {
      run.hear(act);
      hearWithdrawal(run, scope);
    });

  setHandler(amendSignal, (told) => run.amend(told));
  if (procedure.campaign) setHandler(stirSignal, () => void (run.stirred = true));
  setHandler(recountSignal, (told) => recount(run, told));
  setHandler(transferSignal, (told) => transfer(run, told));
  setHandler(consultationSignal, (told) => openBeside(run, told));
  setHandler(openingSignal, (told) => openBeside(run, told));

  try {
    const outcome = await scope.run(() =>
      start.chapter ? goOn(run, chapters, start.chapter) : begin(run, story),
    );
    return await finish(run, outcome);
  } catch (failure) {
    if (failure instanceof ContinueAsNew) throw failure;
    if (isCancellation(failure) && run.withdrawal === 'granted') return await finish(run, 'withdrawn');
    if (isCancellation(failure) && CancellationScope.current().consideredCancelled) throw failure;
    // A failed activity is our fault, never the case's: the workflow task is tried again until it is mended.
    if (failure instanceof TemporalFailure)
      throw new Error(`the story met ${failure.message}`, { cause: failure });
    throw failure;
  }
}

function begin(run: CaseRun, story: Course['story']): Promise<string> {
  offerWithdrawal(run);
  return run.start.corrects ? correctDelivered(run) : story(words(run));
}

function goOn(run: CaseRun, chapters: Course['chapters'], { name, state }: Chapter): Promise<string> {
  // What the last run was waiting for beside its story is watched again, and the date that may be missed is foreseen.
  run.steps.add({ op: 'recount', change: null, reason: { vi: name, en: name } });
  for (const what of run.start.chapter?.beside ?? []) watchBeside(run, what);
  const chapter = chapters[name];
  if (!chapter) throw new Error(`the procedure has no chapter "${name}"`);
  return chapter(words(run), state);
}

/** What its people are told by when it stops without a decision, where that is no dossier's notice. */
const stoppingOf = ({ facts }: CaseRun) => (facts.dossier === false ? { notice: 'report-stopped' } : {});

async function finish(run: CaseRun, outcome: string): Promise<string> {
  const { decided } = run;
  // A case that ends without a decision is told so on Form 05.
  const because = outcome === 'withdrawn' ? outcome : (run.stopped ?? 'ended');
  if (!decided) run.letter('form-05', { outcome, because });
  if (decided && run.provisional?.takenUp === false) run.steps.add({ op: 'state', state: 10 });
  // Whoever would still promise a new date finds that it is over.
  run.decided = true;
  const told = stoppingOf(run);
  run.steps.add({ op: 'finish', outcome, decided, ...told }, `Kết thúc · Outcome: ${outcome}`);
  await run.shield.run(() => run.flush());
  return outcome;
}
