import pg from 'pg';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Actor } from '../records/actor.ts';
import type { Database } from '../records/db.ts';
import { changeOf, liveChannel } from '../records/live.ts';
import { partiesAmong, partyBindings } from '../records/parties.ts';
import { mayReadCase } from '../records/policy.ts';
import { Refusal, refusalOr } from '../records/refusal.ts';
import { TooManyRequests } from './errors.ts';

/** News for somebody who listens. */
export type News =
  { event: 'queues'; agency: string } | { event: 'case'; code: string } | { event: 'refresh' };

/** Somebody who listens: to the queues of their agency, to a case on their screen, to their own cases as a citizen. */
export interface Listener {
  actor: Actor;
  code?: string | undefined;
  tell(news: News): void;
  /** Ends what they listen with. */
  close(): void;
}

interface LiveDependencies {
  db: Database;
  /** Address of the same database, for LISTEN on a connection of its own. */
  databaseUrl: string;
  clock: Clock;
  log: Logger;
}

/** How many pages somebody may have open at once that listen. */
const mostOfOne = 20;
/** News of so many milliseconds are told together, so that a hundred changes of a queue are one. */
const gatherMs = 200;
const againMs = 500;
const connectMs = 5_000;

/**
 * Hears from PostgreSQL what has changed and tells those who may know it. The process has one connection for this, from
 * the first listener on; when it was lost, everybody is told to look again, as something may have been missed.
 */
export class LiveHub {
  readonly #deps: LiveDependencies;
  /** Each with the subjects under which cases know them as a citizen. */
  readonly #listeners = new Map<Listener, string[]>();
  #queues = new Set<string>();
  #cases = new Set<string>();
  #connection: pg.Client | undefined;
  #hearing: Promise<void> | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #missed = false;
  #stopped = false;

  constructor(deps: LiveDependencies) {
    this.#deps = deps;
  }

  /**
   * Begins to tell somebody; gives what ends it. Nothing that changes from then on is missed.
   *
   * @throws TooManyRequests when they listen with too many pages
   */
  async add(listener: Listener): Promise<() => void> {
    const { db, clock } = this.#deps;
    const { actor } = listener;
    const others = [...this.#listeners.keys()].filter((each) => each.actor.sub === actor.sub);
    if (others.length >= mostOfOne) throw new TooManyRequests();
    const isCitizen = actor.roles.includes('citizen');
    const selves = isCitizen ? (await partyBindings(db, actor, clock.now())).selves : [];
    this.#listeners.set(listener, selves);
    await this.#hear();
    return () => void this.#listeners.delete(listener);
  }

  /** Ends hearing and telling. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#gathering);
    clearTimeout(this.#again);
    for (const listener of this.#listeners.keys()) listener.close();
    this.#listeners.clear();
    await this.#hearing;
    await this.#connection?.end().catch(() => undefined);
  }

  /** Listens on a connection; when there is none, tries again in the background. */
  async #hear(): Promise<void> {
    if (this.#connection || this.#stopped) return;
    this.#hearing ??= this.#connect().finally(() => (this.#hearing = undefined));
    await this.#hearing;
  }

  async #connect(): Promise<void> {
    const connection = new pg.Client({
      connectionString: this.#deps.databaseUrl,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
    });
    connection.on('error', () => this.#lost(connection));
    connection.on('end', () => this.#lost(connection));
    connection.on('notification', ({ payload }) => this.#note(payload));
    try {
      await connection.connect();
      await connection.query(`LISTEN ${liveChannel}`);
      this.#connection = connection;
    } catch {
      await connection.end().catch(() => undefined);
      this.#later();
      return;
    }
    if (this.#missed) this.#tellAll({ event: 'refresh' });
    this.#missed = false;
  }

  #lost(connection: pg.Client): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (!this.#stopped) this.#deps.log.warn('live news wait for the database');
    this.#later();
  }

  #later(): void {
    this.#missed = true;
    if (this.#stopped) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#hear(), againMs);
  }

  #note(payload: string | undefined): void {
    const change = changeOf(payload);
    if (!change || this.#listeners.size === 0) return;
    if ('queues' in change) this.#queues.add(change.queues);
    else this.#cases.add(change.case);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.#tellGathered();
    }, gatherMs);
  }

  async #tellGathered(): Promise<void> {
    const [agencies, codes] = [this.#queues, this.#cases];
    [this.#queues, this.#cases] = [new Set(), new Set()];
    try {
      const parties = await this.#partiesOf([...codes]);
      for (const [listener, selves] of this.#listeners) {
        const { agency } = listener.actor;
        if (agency !== undefined && agencies.has(agency)) listener.tell({ event: 'queues', agency });
        const own = new Set(selves.flatMap((sub) => parties.get(sub) ?? []));
        for (const code of own) listener.tell({ event: 'case', code });
        const { code } = listener;
        if (code !== undefined && codes.has(code) && !own.has(code) && (await this.#mayRead(listener, code)))
          listener.tell({ event: 'case', code });
      }
    } catch {
      // The database is away: what was to be told is told by the refresh when it is back.
      this.#missed = true;
      this.#tellAll({ event: 'refresh' });
    }
  }

  /** Codes of changed cases by the subjects of their parties at this instant, in one query for all citizens. */
  async #partiesOf(codes: string[]): Promise<Map<string, string[]>> {
    const parties = new Map<string, string[]>();
    const citizens = [...this.#listeners.values()].some((selves) => selves.length > 0);
    if (codes.length === 0 || !citizens) return parties;
    const { db, clock } = this.#deps;
    for (const { code, sub } of await partiesAmong(db, codes, clock.now()))
      parties.set(sub, [...(parties.get(sub) ?? []), code]);
    return parties;
  }

  /** Policy is asked for each news, as authority ends while people look at a page. */
  async #mayRead({ actor }: Listener, code: string): Promise<boolean> {
    const { db, clock } = this.#deps;
    return !((await refusalOr(mayReadCase(db, actor, code, clock.now()))) instanceof Refusal);
  }

  #tellAll(news: News): void {
    for (const listener of this.#listeners.keys()) listener.tell(news);
  }
}
