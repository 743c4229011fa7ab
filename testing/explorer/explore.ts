import fc from 'fast-check';
import type { Procedure } from '../../workflows/engine/index.ts';
import { generator } from './generator.ts';
import { Life, type Case, type Ground } from './life.ts';
import { caseOf, isDecided, perform, plays, waiting, type Move } from './moves.ts';
import { plans, type Plan } from './plans.ts';

const dayMs = 86_400_000;
const patience = 200;
const plainTurns = 60;
const sideBySide = 4;

/** What came of an exploration. */
export interface Explored {
  lives: number;
  seconds: number;
  /** How often each outcome was reached, by procedure. */
  outcomes: Record<string, Record<string, number>>;
}

/** Thrown when a life broke a rule: its message is the shrunk story, and how to live it again. */
export class Found extends Error {}

/**
 * Lives random lives of every procedure and checks every rule after each move.
 *
 * @param options `seed`: the lives are the same for the same seed; `shrinkMs`: how long a story may be shrunk
 * @throws Found with the shrunk story of the first life that breaks a rule
 */
export async function explore(
  ground: Ground,
  options: { lives: number; seed: number; procedures?: string[]; shrinkMs?: number },
): Promise<Explored> {
  const { lives, seed, procedures = [...ground.procedures.keys()], shrinkMs = 60_000 } = options;
  const began = performance.now();
  const outcomes: Explored['outcomes'] = {};
  let lived = 0;
  let failing: { stream: number; until: number } | undefined;
  // PostgreSQL answers one life while the others are told on. The first stream that fails shrinks; the others end.
  const explored = Array.from({ length: sideBySide }, async (_, stream) => {
    const property = fc.asyncProperty(plans(procedures), async (plan) => {
      if (failing && (failing.stream !== stream || performance.now() > failing.until)) return;
      try {
        const { cases } = await live(ground, plan);
        for (const { procedure, snapshot } of cases) count(outcomes, procedure, snapshot.outcome ?? 'rests');
        lived++;
      } catch (error) {
        failing ??= { stream, until: performance.now() + shrinkMs };
        if (failing.stream === stream) throw error;
      }
    });
    const result = await fc.check(property, {
      numRuns: Math.floor((lives + stream) / sideBySide),
      seed: seed + stream,
    });
    if (!result.failed) return;
    const reason = (result.errorInstance as Error | undefined)?.message ?? 'a life failed';
    throw new Found(
      `${reason}\n  seed: ${seed} (life ${result.numRuns} of its stream, shrunk ${result.numShrinks} times)`,
    );
  });
  await Promise.all(explored);
  return { lives: lived, seconds: Math.round((performance.now() - began) / 100) / 10, outcomes };
}

function count(outcomes: Explored['outcomes'], procedure: string, outcome: string): void {
  const known = (outcomes[procedure] ??= {});
  known[outcome] = (known[outcome] ?? 0) + 1;
}

/** An instant so many hours after the first day of an edition, or before its last one is over. */
function instantIn({ effectiveFrom, effectiveTo = '2100-01-01' }: Procedure, hours: number): number {
  const first = Date.parse(`${effectiveFrom}T00:00:00+07:00`);
  const last = Date.parse(`${effectiveTo}T23:59:59+07:00`);
  return first + ((hours * 3_600_000) % (last - first));
}

/** Lives one life to its end; gives it with its cases closed. */
export async function live(ground: Ground, { procedure: id, begins, seed, moves }: Plan): Promise<Life> {
  const procedure = ground.procedures.get(id)!;
  const life = new Life(ground, instantIn(procedure, begins), seed);
  try {
    await life.office.open(life.now);
    if (seed % 4 === 3) await life.office.charge(procedure.code, 0);
    life.tell(`the citizen files ${id} at ${life.time}${seed % 4 === 3 ? ', where it is free' : ''}`);
    await life.file(id, seed);
    await life.settle(seed);
    for (const move of moves) await plays[move.kind](life, caseOf(life, move), move);
    await finish(life, seed);
    return life;
  } finally {
    await life.close();
  }
}

/** Nobody has anything to do in it: what is open are rights of the citizen, who may use them some day or never. */
function rests(each: Case): boolean {
  const open = waiting(each);
  return (
    open.length > 0 &&
    open.every(({ role, due_at, expires_at }) => role === 'citizen' && !due_at && !expires_at)
  );
}

/**
 * Everybody does what there is to do, and time passes: every case must come to its end, or to rest. In some lives nobody answers
 * what may expire.
 */
async function finish(life: Life, seed: number): Promise<void> {
  life.tell('from here on everybody acts, and time passes');
  const plain: Omit<Move, 'kind'> = { of: 0, pick: 0, seed: 0, order: 0 };
  const [first] = life.cases as [Case];
  await plays['agencies up'](life, first, { kind: 'agencies up', ...plain });
  await plays.release(life, first, { kind: 'release', ...plain });
  const drawn = generator(seed + 1);
  for (let turn = 0; ; turn++) {
    const open = life.cases.filter((each) => !each.snapshot.closed_at && !rests(each));
    if (open.length === 0) return;
    if (turn === patience)
      throw life.broken(
        'a case ends when everybody acts and time passes',
        `after ${patience} turns it has not ended`,
      );
    const silent = seed % 5 === 2;
    const todo = open.flatMap((each) => waiting(each).map((task) => ({ each, task })));
    const next = todo.find(({ task }) => !task.expires_at || !silent);
    // Plain answers lead on; others, at last most of them, keep a few answers from turning in a circle: a plan that is approved
    // again and again, though another one stands in its way, has to be given up some day.
    const isPlain = turn < plainTurns ? drawn(4) > 0 : drawn(3) === 0;
    const answer = isPlain ? 0 : seed + turn;
    const member = open.find(isDecided);
    if (next) await perform(life, next.each, next.task, { ...plain, pick: turn, seed: answer });
    else if (member) await plays.decide(life, member, { kind: 'decide', ...plain, seed: seed + turn });
    else {
      life.tell('time passes until something is due');
      await life.pass(Math.max(life.now, life.timers()[0]?.at ?? life.now + dayMs), 0);
    }
  }
}
