import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { sampleCity } from '../embedded/samples.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { agenciesFor } from '../api/abilities.ts';
import type { Actor, Role } from '../records/actor.ts';
import { listCases } from '../records/case-views.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase, type Database } from '../records/db.ts';
import { countQueues, listTasks, type InboxQuestion } from '../records/inbox.ts';
import { percentile, round, type Figures } from './figures.ts';
import { buildCity, largest } from './inbox-city.ts';
import { measure, mustUseIndexes, type View } from './views.ts';

const cases = Number(process.env['BENCH_CASES'] ?? 1_000_000);
const aimMs = 100;
const large = ['cases', 'tasks', 'case_record'];

const officer = (role: Role, number = 1): Actor => {
  const sub = `${largest}.${role}.${number}`;
  return { sub, name: sub, roles: [role], agency: largest };
};
const specialist = officer('specialist');
const head = officer('head');
/** Stands in for the second head of the agency. */
const substitute = officer('specialist', 2);
const citizen: Actor = { sub: 'citizen:5', name: 'An', roles: ['citizen'] };
const admin: Actor = { sub: 'admin', name: 'Quản trị', roles: ['admin'] };

const tasks =
  (actor: Actor, asked: Partial<InboxQuestion> = {}): View =>
  (db, at) =>
    listTasks(db, actor, { at, limit: 50, ...asked });
const filed =
  (actor: Actor): View =>
  (db, at) =>
    listCases(db, actor, { at, limit: 20, agencies: agenciesFor(actor, 'read', 'cases') });
const counts =
  (actor: Actor, agency?: string): View =>
  (db, at) =>
    countQueues(db, actor, { at, agency });

const views: Record<string, View> = {
  'officer: first page': tasks(specialist),
  'officer: by opening': tasks(specialist, { order: 'opened' }),
  'officer: by case code': tasks(specialist, { order: 'case' }),
  'officer: claimed by me': tasks(specialist, { claimed: 'me' }),
  'officer: claimed by nobody': tasks(specialist, { claimed: 'none' }),
  'officer: claimed by colleagues': tasks(specialist, { claimed: 'others' }),
  'officer: overdue': tasks(specialist, { due: 'overdue' }),
  'officer: due today': tasks(specialist, { due: 'today' }),
  'officer: due this week': tasks(specialist, { due: 'week' }),
  'officer: not looked at': tasks(specialist, { seen: 'no' }),
  'officer: one procedure': tasks(specialist, { procedure: 'birthRegistration' }),
  'officer: no such procedure': tasks(specialist, { procedure: 'none' }),
  'officer: a street': tasks(specialist, { area: 'tran phu' }),
  'officer: a ward, seldom': tasks(specialist, { area: 'Phường 217' }),
  'officer: case code': tasks(specialist, { code: '2611' }),
  'officer: a family name of 40 %': tasks(specialist, { applicant: 'nguyen' }),
  'officer: a whole name': tasks(specialist, { applicant: 'tran thi hoang' }),
  'officer: a seldom name': tasks(specialist, { applicant: 'xuyen' }),
  'officer: a name that nobody has': tasks(specialist, { applicant: 'Washington' }),
  'officer: counts': counts(specialist),
  'officer: cases of the agency': filed(specialist),
  'head: first page': tasks(head),
  'head: whole agency': tasks(head, { agency: largest }),
  'head: whole agency, seldom name': tasks(head, { agency: largest, applicant: 'xuyen' }),
  'head: whole agency, 40 % name': tasks(head, { agency: largest, applicant: 'nguyen' }),
  'head: a queue, nobody’s': tasks(head, { agency: largest, role: 'specialist', claimed: 'none' }),
  'head: counts of the agency': counts(head, largest),
  'substitute: first page': tasks(substitute),
  'substitute: counts': counts(substitute),
  'citizen: tasks': tasks(citizen),
  'citizen: cases': filed(citizen),
  'admin: an agency': tasks(admin, { agency: largest }),
  'admin: counts of an agency': counts(admin, largest),
  'admin: all cases': filed(admin),
};

/**
 * Each view of an inbox in a city of a million cases, for the largest agency: milliseconds with the database and this
 * process on one machine.
 *
 * @throws Error when a plan reads a whole table
 */
export async function inboxes(): Promise<Figures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const postgres = await startPostgres({ dataDir, port: 0 });
  const db = openDatabase(postgres.url, 4);
  try {
    await migrate(db);
    await applyCity(db, sampleCity(), new Date());
    const begun = performance.now();
    await buildCity(postgres.url, cases);
    const buildSeconds = round((performance.now() - begun) / 1000);
    const measured: Record<string, string> = {};
    const late: string[] = [];
    const all = { ...views, ...(await deepPages(db)) };
    const planner = new pg.Client({ connectionString: postgres.url });
    await planner.connect();
    for (const [name, view] of Object.entries(all)) {
      const took = await measure(db, view);
      measured[name] = `${percentile(took, 50)} ${percentile(took, 95)}`;
      if (percentile(took, 95) > aimMs) late.push(name);
      await mustUseIndexes(db, planner, { name, view, large });
    }
    await planner.end();
    return { cases, openTasks: await openTasks(db), buildSeconds, p50p95Ms: measured, overAim: late };
  } finally {
    await db.destroy();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The tenth page, and from there a page back. */
async function deepPages(db: Database): Promise<Record<string, View>> {
  const at = new Date();
  const walk = async (actor: Actor, asked: Partial<InboxQuestion>) => {
    let page = await listTasks(db, actor, { at, limit: 50, ...asked });
    for (let turned = 1; turned < 9 && page.next; turned++)
      page = await listTasks(db, actor, { at, limit: 50, ...asked, cursor: page.next });
    return page;
  };
  const own = await walk(specialist, {});
  const whole = await walk(head, { agency: largest });
  return {
    'officer: tenth page': tasks(specialist, { cursor: own.next }),
    'officer: a page back': tasks(specialist, { cursor: own.previous }),
    'head: whole agency, tenth page': tasks(head, { agency: largest, cursor: whole.next }),
  };
}

async function openTasks(db: Database): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ open: number }] }>(
    `SELECT count(*)::int AS open FROM tasks WHERE state = 'open' AND agency IS NOT NULL`,
  );
  return rows[0].open;
}
