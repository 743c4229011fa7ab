import { describe, expect, it } from 'vitest';
import type { CaseNow } from '../records/steps.ts';
import { sampleRows } from '../testing/calendar.ts';
import { applyStep } from './apply-step.ts';
import type { CountedOp, Op, StepPart } from './cases.ts';

const monday = '2026-11-23T02:00:00.000Z';

/** A case that reception has before it, with the applicant's right to withdraw. */
function filed(withdrawal: 'open' | 'done' = 'open'): CaseNow {
  const { changes } = applyStep(
    nothing,
    part([open('withdraw', 'citizen'), open('acceptance', 'reception')]),
  );
  const tasks = changes.opened.map((task) =>
    task.name === 'withdraw' ? { ...task, state: withdrawal, answer: { reason: '' } } : task,
  );
  return { ...nothing, row: changes.row, tasks };
}

const nothing: CaseNow = {
  row: {
    code: 'H29.16-261123-0001',
    procedure: 'constructionPermit',
    agency: 'H29.16',
    applicant_sub: 'an',
    state: 1,
    accepted_at: null,
    due_at: null,
    due_derivation: null,
    clock: 'not-started',
    clock_account: null,
    closed_at: null,
    outcome: null,
    waiting: null,
    run_id: null,
    parent_task: null,
    last_change: 0,
    record_length: 1,
    record_hash: Buffer.alloc(32),
  },
  tasks: [],
  consulted: { fire: 'H29.FIRE' },
  calendar: sampleRows(),
  recorded: [],
  above: {},
};

const open = (task: string, role: string, more: Partial<Extract<Op, { op: 'open' }>> = {}): Op => ({
  op: 'open',
  task,
  number: 1,
  role,
  notBy: [],
  context: {},
  ...more,
});
const part = (ops: CountedOp[], step = 1): StepPart => ({
  case: nothing.row.code,
  run: 'run',
  step,
  at: monday,
  ops,
  first: 0,
});
const refuse: CountedOp[] = [
  { op: 'close', task: 'withdraw', number: 1, as: 'cancelled', first: true },
  { op: 'state', state: 3, count: 1 },
  { op: 'notice', notice: 'rejected', data: { reasons: 'Sai thẩm quyền.' }, count: 2 },
  { op: 'finish', outcome: 'rejected', decided: true },
];

describe('a step of a case', () => {
  it('changes nothing and answers the same when it is told again', () => {
    const now = filed();
    const first = applyStep(now, part(refuse, 2));
    expect(first.changes.entries.map(({ event }) => event)).toEqual(['close', 'state', 'notice', 'finish']);
    const tasks = now.tasks.map((task) => first.changes.changed.find(({ id }) => id === task.id) ?? task);
    const again = applyStep({ ...now, row: first.changes.row, tasks }, part(refuse, 2));
    expect(again.changes).toMatchObject({ opened: [], changed: [], notices: [], entries: [] });
    expect(again.changes.row).toEqual(first.changes.row);
    expect(again.result).toEqual(first.result);
  });

  it('says whom the case waits for, and told again after a crash nobody who has answered meanwhile', () => {
    const now = filed();
    const waiting = { ...part([{ op: 'wait' }], 2), waits: 'parcel' as const };
    const down = applyStep(now, waiting).changes;
    expect(down.row.waiting).toMatchObject({ for: 'parcel', since: monday });
    expect(applyStep({ ...now, row: down.row }, waiting).changes.entries).toEqual([]);
    const later = '2026-11-23T02:00:10.000Z';
    const opening = { ...part([open('appraisal', 'specialist')], 2), at: later, waits: null };
    const up = applyStep({ ...now, row: down.row }, opening).changes;
    expect(up.row.waiting).toBeNull();
    expect(up.entries.map(({ event }) => event)).toEqual(['wait', 'open']);
    const latest = { ...waiting, at: '2026-11-23T02:00:20.000Z' };
    const downAgain = applyStep({ ...now, row: up.row }, latest).changes;
    const references = [down, up, downAgain].flatMap(({ entries }) => entries.map((each) => each.reference));
    expect(references).toHaveLength(4);
    expect(new Set(references).size).toBe(4);
  });

  it('says nothing of it where it comes from no story', () => {
    const now = filed();
    const down = applyStep(now, { ...part([{ op: 'wait' }], 2), waits: 'parcel' }).changes;
    const { row } = applyStep({ ...now, row: down.row }, part([], 3)).changes;
    expect(row.waiting).toMatchObject({ for: 'parcel' });
  });

  it('ends where somebody was faster', () => {
    const { changes, result } = applyStep(filed('done'), part(refuse, 2));
    expect(result).toMatchObject({ forestalled: true, state: 1 });
    expect(changes).toMatchObject({ changed: [], notices: [], entries: [] });
  });

  it('leaves what was read as it was, for another try', () => {
    const now = filed();
    const before = JSON.stringify(now);
    applyStep(now, part(refuse, 2));
    expect(JSON.stringify(now)).toBe(before);
  });

  it('inserts a task that it opens and closes as it ends up', () => {
    const { changes } = applyStep(nothing, part([open('withdraw', 'citizen'), ...refuse]));
    expect(changes.changed).toEqual([]);
    expect(changes.opened).toMatchObject([
      { name: 'withdraw', state: 'cancelled', closed_by: { sub: 'motcua' } },
    ]);
  });

  it('leaves nothing open that is asked in the very step that ends the case', () => {
    const asked = open('consult', 'consulted', { agency: 'H29.21', due: '2wd' });
    const together = applyStep(filed(), part([...refuse, asked], 2));
    expect(together.changes.row.closed_at).not.toBeNull();
    expect(together.changes.opened).toMatchObject([{ name: 'consult', state: 'cancelled' }]);
    const later = applyStep({ ...filed(), row: together.changes.row }, part([asked], 3));
    expect(later.result.tasks).toMatchObject({ 'consult#1': { state: 'cancelled' } });
  });

  it('gives a consultation to the agency that the city names, and says when it names none', () => {
    const consult = (consultation: string) =>
      applyStep(
        nothing,
        part([open(`consult.${consultation}`, 'consulted', { consultation, expires: '2wd' })]),
      );
    expect(consult('fire').result.tasks).toMatchObject({
      'consult.fire#1': { agency: 'H29.FIRE', deadline: '2026-11-26T10:00:00.000Z' },
    });
    expect(() => consult('land')).toThrow('names no agency for the consultation "land"');
  });

  it('refuses a way that the law does not know', () => {
    expect(() => applyStep(filed(), part([{ op: 'state', state: 10, count: 1 }], 2))).toThrow(
      'from state 1 to 10',
    );
  });
});
