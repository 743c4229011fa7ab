import { Router, type Request } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { ownRecord, reading } from '../../api/fhir/reading.ts';
import { sayAccess } from '../../api/fhir/plain-words.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { dataClasses, purposes, sensitiveClasses } from '../../fhir/codings.ts';
import { searchAccesses } from '../../records/fhir/accesses.ts';
import { consentsFor, type ConsentRow } from '../../records/fhir/consents.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { emergenciesOf } from '../../records/health-emergencies.ts';
import { sendPage } from '../page.ts';
import { entriesOf } from './entries.ts';

const reads = may('read', 'health-records');
const Query = z.object({
  /** The last entry of the page before. */
  before: z.iso.datetime().optional().catch(undefined),
  id: z.uuid().optional().catch(undefined),
});
const perPage = 50;

/** One's own health record: what it says, who may see it, and who has. */
export function ownHealth({ db, clock }: Deps): Router {
  const router = Router();
  const readerIn = (req: Request): Reader => ({ actor: actorIn(req), at: clock.now() });

  router.get('/health', reads, async (req, res) => {
    const reader = readerIn(req);
    const language = languageOf(req);
    const record = await ownRecord(db, reader);
    const parts =
      record === undefined
        ? []
        : await reading(db, reader, { action: 'read', type: undefined }, async (trx) => {
            const answer = await entriesOf(trx, reader, record.id, language);
            return { answer, records: [record.id], found: answer.flatMap(({ entries }) => entries).length };
          });
    sendPage(req, res, 'health/record', {
      title: { vi: 'Sức khỏe của tôi', en: 'My health' },
      record: record?.id,
      code: record?.caseCode,
      restricted: record?.state === 'restricted',
      parts,
      request: record && (await openTasks([record.caseCode], 'request')).get(record.caseCode),
    });
  });

  router.get('/health/consents', reads, async (req, res) => {
    const reader = readerIn(req);
    const language = languageOf(req);
    const own = await ownRecord(db, reader);
    const consents = own ? await consentsFor(db, reader, own.id) : [];
    const inForce = consents.flatMap(([{ state, case_code: code }]) => (state === 'active' ? code : []));
    const changes = await openTasks(inForce, 'change');
    const items = consents.map(([latest, ...earlier]) => ({
      ...sayConsent(latest, language),
      change: changes.get(latest.case_code),
      earlier: earlier.map((each) => sayConsent(each, language)),
    }));
    sendPage(req, res, 'health/consents', {
      title: { vi: 'Ai được xem dữ liệu sức khỏe của tôi', en: 'Who may see my health data' },
      record: own?.id,
      active: items.filter(({ state }) => state === 'active'),
      ended: items.filter(({ state }) => state !== 'active'),
      today: clock.now().toISOString(),
      back: '/health',
    });
  });

  router.get('/health/accesses', reads, async (req, res) => {
    const reader = readerIn(req);
    const language = languageOf(req);
    const { before, id } = checkAddress(req, Query, req.query);
    const after = before && id ? { updatedAt: before, id } : undefined;
    const own = await ownRecord(db, reader);
    const found = await searchAccesses(db, reader, { dates: [], updated: [], count: perPage, after });
    sendPage(req, res, 'health/accesses', {
      title: { vi: 'Ai đã xem hồ sơ sức khỏe của tôi', en: 'Who has seen my health record' },
      record: own?.id,
      emergencies: own && !after ? await emergenciesOf(db, own.id) : [],
      items: found.rows.map((row) => ({
        at: row.updated_at.toISOString(),
        text: sayAccess(row)[language],
        refused: row.ground === 'none',
        emergency: row.ground === 'emergency',
      })),
      next: found.next
        ? `/health/accesses?${new URLSearchParams({ before: found.next.updatedAt, id: found.next.id }).toString()}`
        : '',
      back: '/health',
    });
  });

  return router;

  /** The tasks by which the citizen uses a right, by their cases. */
  async function openTasks(codes: readonly string[], name: string): Promise<Map<string, string>> {
    const tasks = await db('tasks')
      .where({ name, state: 'open' })
      .whereRaw('case_code = ANY(?)', [[...codes]])
      .select<{ id: string; code: string }[]>('id', 'case_code as code');
    return new Map(tasks.map(({ id, code }) => [code, id]));
  }
}

/** A version of a consent in words. */
function sayConsent(row: ConsentRow, language: Language) {
  const day = (iso: string) => iso.split('-').reverse().join('/');
  return {
    code: row.case_code,
    version: row.version,
    state: row.state,
    recipient: row.recipient_name[language],
    purpose: purposes[row.purpose][language],
    classes: row.classes.map((name) => dataClasses[name][language]),
    sensitive: row.sensitive.map((name) => sensitiveClasses[name][language]),
    from: day(row.valid_from),
    to: day(row.valid_to),
    endedAt: row.ended_at?.toISOString(),
  };
}
