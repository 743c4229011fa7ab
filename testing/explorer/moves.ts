import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../../records/refusal.ts';
import { localTime } from '../../workflows/engine/legal-clock.ts';
import type { Case, Life, Mishap } from './life.ts';
import { citizen, performersOf, stranger, type Act } from './office.ts';
import { look, type Snapshot, type TaskNow } from './snapshot.ts';

/** One thing that happens in a life. Numbers choose among what is there, so that any move fits any moment. */
export interface Move {
  kind: keyof typeof plays;
  /** Which case it is about. */
  of: number;
  pick: number;
  /** 0 gives the plain answer, others draw one. */
  seed: number;
  /** 0 lets things happen in the order in which they were asked for, others shuffle it. */
  order: number;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Does somebody's act; a refusal that the law wants is the world's answer, not a defect. */
async function attempt(act: Act): Promise<Refusal | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const open = ({ snapshot }: Case) => snapshot.tasks.filter(({ state }) => state === 'open');
/** Tasks that somebody has to do. */
export const waiting = (each: Case) =>
  open(each).filter(({ name, role }) => name !== 'withdraw' && role !== 'engine');
/** Whether a case waits for what its campaign decides. */
export const isDecided = (each: Case) => open(each).some(({ name }) => name === 'placement');
const among = <T>(items: readonly T[], pick: number): T | undefined =>
  items[pick % Math.max(1, items.length)];
/** An answer without what it leaves empty, and with long texts cut. */
const shown = (answer: unknown) =>
  JSON.stringify(answer, (_key, value: unknown) => {
    if (typeof value === 'string' && value.length > 40) return `${value.slice(0, 40)}…`;
    return Array.isArray(value) && value.length === 0 ? undefined : value;
  });

/** Somebody who may performs an open task; colleagues who may not are refused first. */
export async function perform(
  life: Life,
  each: Case,
  task: TaskNow,
  { pick, seed, order }: Omit<Move, 'kind'>,
): Promise<void> {
  const { office, now } = life;
  const before = each.snapshot.record.length;
  const answer = office.answer(each.procedure, task, seed, now);
  for (const actor of performersOf(task, pick)) {
    const who = task.role === 'citizen' ? 'the citizen' : `${task.role} ${actor.name}`;
    const refusal = await attempt(office.completing(actor, task, answer, now));
    if (!refusal) {
      life.tell(`${who} answers ${task.name}: ${shown(answer)}`);
      await life.acted(each);
      await life.settle(order);
      life.acts.push({
        procedure: each.procedure,
        task,
        answer,
        before,
        recorded: each.snapshot.record.length,
      });
      return;
    }
    if (refusal.type === 'invalid-form' && task.role === 'citizen') {
      life.tell(`${who} answers ${task.name} with what does not fit the day: ${refusal.message}`);
      return;
    }
    if (refusal.type !== 'same-person' && refusal.type !== 'claimed-by-another')
      throw life.broken('whoever may perform a task can', `${who}: ${refusal.message}`);
    life.tell(`${who} may not answer ${task.name}: ${refusal.type}`);
  }
  throw life.broken('somebody may perform every open task', `not even a newcomer may perform ${task.name}`);
}

async function mishap(life: Life, what: Mishap, words: string): Promise<void> {
  life.tell(words);
  life.prepare(what);
  return Promise.resolve();
}

/** Checks that an act is refused and has changed nothing. */
async function refused(life: Life, each: Case, act: Act, words: string): Promise<void> {
  const before = await look(life.ground.db, each.code);
  const refusal = await attempt(act);
  life.tell(`${words}${refusal ? `: refused, ${refusal.type}` : ''}`);
  if (!refusal)
    throw life.broken('an act that comes too late or from somebody else is refused', 'it was taken');
  const after = await look(life.ground.db, each.code);
  const changed = (Object.keys(after) as (keyof Snapshot)[]).find(
    (part) => !isDeepStrictEqual(before[part], after[part]),
  );
  if (changed) {
    const [was, is] = [JSON.stringify(before[changed]), JSON.stringify(after[changed])];
    throw life.broken('a refused act changes nothing', `${changed} was ${was} and is ${is}`);
  }
}

/** Does an act on a case as a whole, which may be refused. */
async function upon(life: Life, each: Case, act: Act, words: string, order: number): Promise<void> {
  const refusal = await attempt(act);
  life.tell(`${words}${refusal ? `: ${refusal.type}` : ''}`);
  await life.acted(each);
  await life.settle(order);
}

type Play = (life: Life, each: Case, move: Move) => Promise<void>;

/** How each kind of move is played. */
export const plays = {
  async act(life, each, move) {
    const task = among(waiting(each), move.pick);
    if (task) await perform(life, each, task, move);
  },
  async withdraw(life, each, move) {
    const task = open(each).find(({ name }) => name === 'withdraw');
    if (task) await perform(life, each, task, move);
  },
  async 'act twice'(life, each, { pick, seed, order }) {
    const task = among(waiting(each), pick);
    const [actor] = task ? performersOf(task, pick) : [];
    if (!task || !actor) return;
    const act = life.office.completing(
      actor,
      task,
      life.office.answer(each.procedure, task, seed, life.now),
      life.now,
    );
    // Both arrive together, as from a browser whose user is impatient.
    const both = await Promise.all([attempt(act), attempt(act)]);
    life.tell(
      `${task.role} ${actor.name} answers ${task.name} twice at once${both[0] ? `: ${both[0].type}` : ''}`,
    );
    await life.acted(each);
    if (both[0]?.type !== both[1]?.type)
      throw life.broken(
        'the same request gets the same answer',
        `${both[0]?.type ?? 'done'} and ${both[1]?.type ?? 'done'}`,
      );
    await life.settle(order);
  },
  async late(life, each, { pick }) {
    const task = among(
      each.snapshot.tasks.filter(({ state }) => state !== 'open'),
      pick,
    );
    if (!task) return;
    const answer = life.office.answer(each.procedure, task, 0, life.now);
    const [actor = citizen] = performersOf(task, pick);
    await refused(
      life,
      each,
      life.office.completing(actor, task, answer, life.now),
      `a late answer to ${task.name} comes`,
    );
  },
  async stranger(life, each, { pick }) {
    const task = among(open(each), pick);
    if (!task) return;
    const answer = life.office.answer(each.procedure, task, 0, life.now);
    const somebody = task.role === 'citizen' ? { ...citizen, sub: 'explorer.neighbour' } : stranger;
    await refused(
      life,
      each,
      life.office.completing(somebody, task, answer, life.now),
      `a stranger answers ${task.name}`,
    );
  },
  async claim(life, each, { pick, order }) {
    const task = among(
      waiting(each).filter(({ role }) => role !== 'citizen'),
      pick,
    );
    const [actor] = task ? performersOf(task, pick) : [];
    if (!task || !actor) return;
    const refusal = await attempt(async () => {
      await life.office.claim(actor, task, life.now);
      return { status: 200, body: null };
    });
    life.tell(`${task.role} ${actor.name} claims ${task.name}${refusal ? `: ${refusal.type}` : ''}`);
    await life.settle(order);
  },
  async pass(life, _each, { pick, order }) {
    const next = life.timers()[0]?.at ?? life.now + day;
    const to = [
      life.now + hour,
      life.now + day,
      next - 60_000,
      next,
      life.now + 7 * day,
      life.now + 40 * day,
    ][pick % 6]!;
    const away = pick % 2 === 1;
    life.tell(
      `time passes to ${localTime(new Date(Math.max(to, life.now)).toISOString())}${away ? ', with no worker meanwhile' : ''}`,
    );
    await life.pass(Math.max(to, life.now), order, away);
  },
  async 'agencies down'(life) {
    life.around.down = true;
    life.tell('the systems of other agencies go down');
    return Promise.resolve();
  },
  async 'agencies up'(life, _each, { order }) {
    if (!life.around.down) return;
    life.around.down = false;
    life.tell('the systems of other agencies answer again');
    await life.settle(order);
  },
  'step fails': (life) => mishap(life, 'step', 'PostgreSQL will be away for a step'),
  'letter fails': (life) => mishap(life, 'letter', 'a letter will fail in the middle of a step'),
  'ask fails': (life, _each, { pick }) =>
    mishap(life, pick % 2 ? 'ask' : 'answer', 'an agency’s answer will be lost'),
  'issue fails': (life, _each, { pick }) =>
    mishap(life, pick % 2 ? 'number' : 'document', 'the worker will die between number and document'),
  dies: (life, _each, { pick }) =>
    mishap(
      life,
      pick % 2 ? 'die before' : 'die after',
      `the worker will die ${pick % 2 ? 'before' : 'after'} a call, unreported`,
    ),
  async hold(life) {
    life.held = true;
    life.tell('Temporal is away: cases hear of nothing');
    return Promise.resolve();
  },
  async release(life, _each, { order }) {
    if (!life.held) return;
    life.held = false;
    life.tell('Temporal is back');
    await life.pass(life.now, order);
  },
  async retell(life, each, { order }) {
    life.tell('the relay tells everything again');
    await life.retell(each, order);
  },
  async transfer(life, each, { order }) {
    const { code, agency } = each.snapshot;
    const act = life.office.transferring(code, agency, life.now);
    await upon(life, each, act, `${agency} transfers ${code}`, order);
  },
  async consult(life, each, { order }) {
    const { code, agency } = each.snapshot;
    const act = life.office.consulting(code, agency, life.now);
    await upon(life, each, act, `${agency} asks H29.21 about ${code}`, order);
  },
  async amend(life, each, { seed, order }) {
    const act = life.office.amending(each.code, each.procedure, seed, life.now);
    await upon(life, each, act, 'the citizen changes the application', order);
  },
  async decide(life, each, { seed, order }) {
    if (!isDecided(each)) return;
    life.tell(
      `the campaign decides of ${each.code}: ${await life.office.campaign.decide(each.code, seed, life.now)}`,
    );
    await life.acted(each);
    await life.settle(order);
  },
  async lose(life, each, { order }) {
    life.tell(`Temporal has lost ${each.code}`);
    await life.lose(each, order);
  },
  async restart(life, _each, { order }) {
    life.tell('the worker restarts');
    await life.restart(order);
  },
  async calendar(life, _each, { pick, order }) {
    const date = new Date(life.now + 7 * hour + (pick % 12) * day).toISOString().slice(0, 10);
    const kind = pick % 3 === 0 ? 'swapped-working' : 'holiday';
    life.tell(`an admin makes ${date} a ${kind} day`);
    await life.recount(await life.office.change(date, kind, life.now), order);
  },
  async file(life, each, { seed, order }) {
    if (life.cases.length >= 3) return;
    life.tell('the citizen files another application');
    await life.file(each.procedure, seed);
    await life.settle(order);
  },
} as const satisfies Record<string, Play>;

/** The case that a move is about. */
export const caseOf = (life: Life, { of }: Move): Case => life.cases[of % life.cases.length]!;
