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
import { consentVersions, searchConsents, type ConsentRow } from '../../records/fhir/consents.ts';
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
            const answer = await entriesOf(trx, reader, record, language);
            return { answer, records: [record], found: answer.flatMap(({ entries }) => entries).length };
          });
    const row =
      record === undefined
        ? undefined
        : await db('health_records')
            .where({ id: record })
            .first<{ case_code: string; state: string }>('case_code', 'state');
    sendPage(req, res, 'health/record', {
      title: { vi: 'Sức khỏe của tôi', en: 'My health' },
      record,
      code: row?.case_code,
      restricted: row?.state === 'restricted',
      parts,
      request: row && (await openTask(row.case_code, 'request')),
    });
  });

  router.get('/health/consents', reads, async (req, res) => {
    const reader = readerIn(req);
    const language = languageOf(req);
    const found = await searchConsents(db, reader, { dates: [], updated: [], count: 200 });
    const own = await ownRecord(db, reader);
    const mine = found.rows.filter(({ record_id: record }) => record === own);
    const day = clock.now();
    const items = await Promise.all(
      mine.map(async (row) => {
        const versions = await consentVersions(db, reader, row.id);
        const change = row.state === 'active' ? await openTask(row.case_code, 'change') : undefined;
        return {
          ...sayConsent(row, language),
          change,
          earlier: versions.slice(1).map((each) => sayConsent(each, language)),
        };
      }),
    );
    sendPage(req, res, 'health/consents', {
      title: { vi: 'Ai được xem dữ liệu sức khỏe của tôi', en: 'Who may see my health data' },
      record: own,
      active: items.filter(({ state }) => state === 'active'),
      ended: items.filter(({ state }) => state !== 'active'),
      today: day.toISOString(),
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
      record: own,
      emergencies: own && !after ? await emergenciesOf(db, own) : [],
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

  /** The task of a case by which its citizen uses a right. */
  async function openTask(code: string, name: string): Promise<string | undefined> {
    const task = await db('tasks')
      .where({ case_code: code, name, state: 'open' })
      .first<{ id: string } | undefined>('id');
    return task?.id;
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
