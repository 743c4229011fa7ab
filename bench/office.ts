import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readApplication } from '../embedded/walk.ts';
import type { Person } from '../embedded/person.ts';
import type { Installation } from './installation.ts';

/** The application that every applicant files, with its papers. */
export const sampleFolder = fileURLToPath(new URL('../samples/construction-permit/', import.meta.url));

const lookEveryMs = 250;

/** What each officer of the ward answers in a straightforward permit. */
const desks = {
  reception: { acceptance: { decision: 'accept' } },
  specialist: {
    appraisal: { conclusion: 'eligible', reasons: 'Hồ sơ phù hợp quy hoạch.' },
    draft: { outcome: 'grant', reasons: 'Hồ sơ đủ điều kiện.' },
  },
  head: { review: { decision: 'approve' } },
  leader: { approval: { decision: 'approve' } },
  clerk: { registration: { registered: true } },
} as const;

/** The people of a ward at work: officers who take what is in their queue, a bank that pays what is ordered. */
export interface Office {
  /** Ends their day; rejects when one of them could not go on. */
  close(): Promise<void>;
}

/** Opens the office: every quarter of a second each officer looks at the queue and answers all that is in it. */
export function openOffice(installation: Installation): Office {
  const closing = new AbortController();
  const work = async (look: () => Promise<void>) => {
    while (!closing.signal.aborted) {
      await look();
      await sleep(lookEveryMs);
    }
  };
  const officers = Object.entries(desks).map(async ([role, answers]) => {
    const officer = await installation.as(`vungtau.${role}`);
    return work(() => takeQueue(officer, answers));
  });
  const helpers = [() => payOrders(installation), () => renewAllowance(installation)];
  const working = Promise.all([...officers, ...helpers.map(work)]);
  working.catch(() => closing.abort());
  return {
    async close() {
      closing.abort();
      await working;
    },
  };
}

async function takeQueue(officer: Person, answers: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await officer.get('/api/v1/tasks?limit=50');
  const { items } = answer.body as { items: { id: string; task: string }[] };
  await Promise.all(
    items.map(async ({ id, task }) => {
      if (!(task in answers)) return;
      const body = { answer: answers[task] };
      const done = await officer.request('POST', `/api/v1/tasks/${id}/complete`, body);
      if (done.status !== 200) throw new Error(`${task}: ${done.status} ${JSON.stringify(done.body)}`);
    }),
  );
}

/** The citizens' banks pay every order that the treasury has given a reference. */
async function payOrders({ db, treasuryUrl }: Installation): Promise<void> {
  const { rows } = await db.raw<{ rows: { reference: string }[] }>(
    `SELECT context->>'reference' AS reference FROM tasks
      WHERE name = 'pay' AND state = 'open' AND context->>'reference' IS NOT NULL`,
  );
  await Promise.all(
    rows.map(({ reference }) => fetch(`${treasuryUrl}/payment-orders/${reference}/pay`, { method: 'POST' })),
  );
}

/** One sample citizen stands for fifty: what they uploaded counts as yesterday's, or their daily allowance would end. */
async function renewAllowance({ db }: Installation): Promise<void> {
  await db.raw(`UPDATE uploads SET created_at = created_at - interval '2 days'
                 WHERE created_at > now() - interval '1 day'`);
}

/** An applicant files one permit after the other, each with its papers, and waits for its end, while `more` says so. */
export async function applyForPermits(installation: Installation, more: () => boolean): Promise<void> {
  const applicant = await installation.as('an');
  const application = await readApplication(sampleFolder);
  while (more()) {
    const code = await applicant.file(sampleFolder, application);
    while (!(await isClosed(installation, code))) await sleep(lookEveryMs);
  }
}

/** Looked up in the record, as a citizen who is told by a notice would not ask the API every moment. */
async function isClosed({ db }: Installation, code: string): Promise<boolean> {
  const row = await db('cases')
    .where({ code })
    .whereNotNull('closed_at')
    .first<{ code: string } | undefined>('code');
  return row !== undefined;
}
