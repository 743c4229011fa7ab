import { firstBrokenEntry } from '../../records/record.ts';
import type { Database } from '../../records/db.ts';
import { signalOf, type CaseMessage } from '../../workflows/engine/messages.ts';
import { localTime } from '../../workflows/engine/legal-clock.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import type { CaseActivities, Place, Surroundings } from './activities.ts';
import { explorerActivities, Trouble } from './activities.ts';
import { Office } from './office.ts';
import { Broken } from './broken.ts';
import { generator } from './generator.ts';
import { brokenNumbers, rules, type Paper } from './rules.ts';
import { Run, WorkflowTaskFailure, type PendingCall, type PendingChild } from './run.ts';
import type { Sandbox } from './sdk.ts';
import { look, readMessages, readNumbers, type Snapshot, type TaskNow } from './snapshot.ts';

/** What every life of an exploration shares. */
export interface Ground {
  db: Database;
  sandbox: Sandbox;
  procedures: ReadonlyMap<string, Procedure>;
  /** Changes what the worker does, for tests that break a rule on purpose. */
  sabotage?: (activities: CaseActivities, db: Database) => CaseActivities;
  /** Gives the next agency's code: each life has one of its own, so that its numbers are its own. */
  nextAgency(): string;
}

/** Where a worker may die or a call may fail, once. */
export type Mishap = Place | 'die before' | 'die after';

/** A case in a life. */
export interface Case {
  code: string;
  procedure: string;
  run: Run | undefined;
  /** How many of its acts it has been told. */
  told: number;
  papers: Paper[];
  snapshot: Snapshot;
}

const mostTurns = 300;
const momentMs = 1_000;

/**
 * One life: an agency, its cases, and what happens to them. It is the server, the worker and the clock: it tells
 * cases of acts, carries out their calls against the real records, and rings their timers, in an order that is given.
 */
export class Life {
  readonly story: string[] = [];
  readonly cases: Case[] = [];
  /** What people have answered, in order; how long the record of the case was before, and when it rested again. */
  readonly acts: { procedure: string; task: TaskNow; answer: unknown; before: number; recorded: number }[] =
    [];
  readonly office: Office;
  readonly ground: Ground;
  /** Milliseconds since 1970; the only clock of a life. */
  now: number;
  /** While it is true, nobody tells cases of acts. */
  held = false;
  readonly around: Surroundings;
  readonly #activities: CaseActivities;
  readonly #mishaps: Mishap[] = [];
  #writing: Case | undefined;
  #drawn = generator(0);
  /** How many numbers of the agency's books are known. */
  #given = 0;

  constructor(ground: Ground, now: number, seed: number) {
    this.ground = ground;
    this.now = now;
    this.office = new Office(ground.db, ground.procedures, ground.nextAgency());
    this.around = {
      down: false,
      seed,
      strike: (place) => {
        if (this.#strikes(place)) throw new Trouble(`trouble at ${place}`);
      },
      wrote: (paper) => void this.#writing?.papers.push(paper),
    };
    const activities = explorerActivities(ground.db, ground.procedures, this.around);
    this.#activities = ground.sabotage?.(activities, ground.db) ?? activities;
  }

  tell(line: string): void {
    this.story.push(line);
  }

  /** Makes a mishap wait for the next place where it can happen. */
  prepare(mishap: Mishap): void {
    this.#mishaps.push(mishap);
  }

  /** The citizen files another case. */
  async file(procedure: string, seed: number): Promise<void> {
    const code = await this.office.file(procedure, seed, this.now);
    const snapshot = await look(this.ground.db, code);
    this.cases.push({ code, procedure, run: undefined, told: 0, papers: [], snapshot });
  }

  /** Lets everything happen that can happen without people and time, and checks every rule. */
  settle(order: number): Promise<void> {
    return this.pass(this.now, order);
  }

  async #rest(order: number): Promise<void> {
    this.#drawn = generator(order);
    const tried = new Set<PendingCall>();
    for (let turn = 0; ; turn++) {
      if (turn === mostTurns)
        throw this.broken('a case comes to rest', `${mostTurns} calls later it still calls`);
      const [next] = this.#possible(tried);
      if (!next) break;
      await this.#guarded(next);
    }
  }

  /** Everything that could be next, the one that is chosen first. */
  #possible(tried: Set<PendingCall>): (() => Promise<void>)[] {
    const all: (() => Promise<void>)[] = [];
    for (const each of this.cases) {
      if (!this.held && each.told < each.snapshot.last_act) all.push(() => this.#hear(each));
      for (const child of each.run?.children.values() ?? [])
        all.push(() => this.#startChild(each.run!, child));
      for (const call of each.run?.calls.values() ?? [])
        if (!tried.has(call))
          all.push(() => {
            tried.add(call);
            return this.#carryOut(each, call);
          });
    }
    const chosen = this.#drawn(all.length);
    return all.slice(chosen).concat(all.slice(0, chosen));
  }

  /** Lets time pass to an instant; timers ring in their order, or all at the end when no worker was there. */
  async pass(to: number, order: number, workerAway = false): Promise<void> {
    for (;;) {
      // What failed is tried again before time passes, and once more when it has passed.
      await this.#rest(order);
      // A deadline that was missed while no worker was there rings within a moment.
      const due = this.timers().filter(({ at }) => at <= to + momentMs);
      const [next] = due;
      if (next) {
        this.now = Math.max(this.now, next.at, workerAway ? to : 0);
        const together = workerAway ? due.filter(({ of }) => of === next.of) : [next];
        const rings = together.map(({ seq }) => seq);
        await this.#guarded(() => next.of.run!.tell({ rings }, this.now));
      } else if (this.now < to) this.now = to;
      else break;
    }
    await this.#check();
  }

  /** Every timer of every case, the earliest first. */
  timers(): { at: number; seq: number; of: Case }[] {
    return this.cases
      .flatMap((of) => [...(of.run?.timers.values() ?? [])].map(({ at, seq }) => ({ at, seq, of })))
      .sort((a, b) => a.at - b.at);
  }

  /** Tells a case again of everything that it has heard, as a relay that restarts does. */
  async retell(each: Case, order: number): Promise<void> {
    each.told = Math.min(each.told, 1);
    await this.settle(order);
  }

  /** Temporal loses a case that is open; the relay tells a new run of it everything again. */
  async lose(each: Case, order: number): Promise<void> {
    if (each.snapshot.closed_at) return;
    await each.run?.close();
    Object.assign(each, { run: undefined, told: 0 });
    await this.settle(order);
  }

  /** Has the open cases count their dates again. */
  async recount(recount: number, order: number): Promise<void> {
    const at = new Date(this.now).toISOString();
    // Where nobody hears of anything, nobody counts, and the next ones are not told.
    for (let ended = false; !ended; ended ||= this.held) {
      ended = (await this.#activities.recount({ recount, at })).finished;
      for (const each of this.cases) await this.acted(each);
      await this.settle(order);
    }
  }

  /** Ends every worker; another one replays the cases. */
  async restart(order: number): Promise<void> {
    for (const { run } of this.cases)
      if (run && !run.closed) await this.#guarded(() => run.restart(this.now));
    await this.settle(order);
  }

  async close(): Promise<void> {
    for (const { run } of this.cases) await run?.close();
  }

  broken(rule: string, what: string): Broken {
    return new Broken(rule, what, this.story);
  }

  /** The time of a life, for its story. */
  get time(): string {
    return localTime(new Date(this.now).toISOString());
  }

  /** Learns of acts that were done. */
  async acted(each: Case): Promise<void> {
    Object.assign(each.snapshot, await readMessages(this.ground.db, each.code));
  }

  async #hear(each: Case): Promise<void> {
    const { message, act } = each.snapshot.messages[each.told]!;
    const told = message as CaseMessage;
    each.told++;
    if (told.kind !== 'start') return each.run?.tell({ signals: [signalOf(told, act)] }, this.now);
    // Started already counts as told.
    if (each.run) return;
    each.run = new Run(this.ground.sandbox, { type: told.procedure, id: each.code, input: told.start });
    await each.run.begin(this.now);
  }

  /** Starts the workflow of a sub-case; the parent has filed it. */
  async #startChild(parent: Run, { seq, ...start }: PendingChild): Promise<void> {
    if (this.cases.some(({ code }) => code === start.id)) return parent.childStarts(seq, undefined, this.now);
    const run = new Run(this.ground.sandbox, start);
    const snapshot = await look(this.ground.db, start.id);
    this.cases.push({ code: start.id, procedure: start.type, run, told: 1, papers: [], snapshot });
    await run.begin(this.now);
    await parent.childStarts(seq, run.runId, this.now);
  }

  async #carryOut(each: Case, call: PendingCall): Promise<void> {
    const run = each.run!;
    if (this.#strikes('die before')) return run.restart(this.now);
    const outcome = await this.#perform(each, call);
    // The end of a sub-case is an act in its parent.
    if (call.type.startsWith('step finish')) for (const other of this.cases) await this.acted(other);
    if (this.#strikes('die after')) return run.restart(this.now);
    if ('result' in outcome) await run.answer(call.seq, outcome.result, this.now);
    // A local call has one try; the server tries the other one again, later.
    else if (call.local) await run.fail(call.seq, outcome.error, this.now);
  }

  async #perform(each: Case, { type, args }: PendingCall): Promise<{ result: unknown } | { error: Error }> {
    const verbs = this.#activities as unknown as Record<string, (request: unknown) => Promise<unknown>>;
    const verb = type.split(' ', 1)[0] ?? '';
    this.#writing = each;
    try {
      return { result: await verbs[verb]?.(args[0]) };
    } catch (error) {
      const expected = error instanceof Trouble || (error as Error).name === 'AgencyUnavailable';
      if (expected) return { error: error as Error };
      throw this.broken(
        'every call of a case can be carried out',
        `"${type}" fails: ${(error as Error).message}`,
      );
    }
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof WorkflowTaskFailure)
        throw this.broken('no workflow task fails, and a replay gives the same commands', error.message);
      throw error;
    }
  }

  async #check(): Promise<void> {
    const { db, procedures } = this.ground;
    for (const each of this.cases) {
      const snapshot = await look(db, each.code);
      // What was once written wrong stays wrong, so that the end is early enough to look.
      const ends = snapshot.closed_at !== null && each.snapshot.closed_at === null;
      const brokenEntry = ends ? await firstBrokenEntry(db, each.code) : undefined;
      each.snapshot = snapshot;
      const procedure = procedures.get(each.procedure)!;
      const { run, papers } = each;
      const held = each.told < snapshot.last_act;
      for (const rule of rules) {
        const what = rule.broken({ now: this.now, snapshot, procedure, run, papers, brokenEntry, held });
        if (what) throw this.broken(rule.expects, what);
      }
    }
    const given = this.cases.reduce((sum, { snapshot }) => sum + 1 + snapshot.registered.length, 0);
    if (given === this.#given) return;
    this.#given = given;
    const wrong = brokenNumbers(await readNumbers(db, this.office.agency));
    if (wrong) throw this.broken('numbers are unique and without gaps', wrong);
  }

  #strikes(mishap: Mishap): boolean {
    const index = this.#mishaps.indexOf(mishap);
    if (index >= 0) this.#mishaps.splice(index, 1);
    return index >= 0;
  }
}
