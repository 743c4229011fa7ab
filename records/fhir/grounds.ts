import type { Purpose } from '../../fhir/codings.ts';
import type { Actor } from '../actor.ts';
import type { Database, Transaction } from '../db.ts';
import { localDay } from '../local-day.ts';

/** Who wants to read in health records, when, and what for as they say; nothing of it is believed but what rows confirm. */
export interface Reader {
  actor: Actor;
  at: Date;
  purpose?: Purpose | undefined;
}

/** Why somebody may read in a record: it is theirs, its citizen consents, or they have broken the glass. */
export type Ground = 'own' | 'consent' | 'emergency';

/** The record of the reader, where it is published. */
export const ownRecord = /* sql */ `
  SELECT id FROM health_records WHERE personal_number = :personalNumber AND state IN ('open', 'restricted')`;

/**
 * What a reader may see, a row for each ground: record, classes of data (null: all), sensitive classes. The one place that decides;
 * every query of health data joins it, so that a consent that has ended is not there for the next statement.
 *
 * A record that its citizen has restricted shows nothing for consents; emergencies never show what is sensitive.
 */
export const granted = /* sql */ `
  SELECT own.id AS record_id, 'own' AS ground, CAST(NULL AS text[]) AS classes, ARRAY['mentalHealth', 'hiv'] AS sensitive
    FROM (${ownRecord}) own
  UNION ALL
  SELECT consent.record_id, 'consent', consent.classes, consent.sensitive
    FROM health_consents consent JOIN health_records opened ON opened.id = consent.record_id AND opened.state = 'open'
   WHERE consent.state = 'active' AND consent.recipient = :agency AND consent.purpose = :purpose
     AND consent.valid_from <= CAST(:day AS date) AND consent.valid_to >= CAST(:day AS date)
  UNION ALL
  SELECT broken.record_id, 'emergency', NULL, ARRAY[]::text[]
    FROM health_emergencies broken JOIN health_records kept ON kept.id = broken.record_id AND kept.state <> 'erased'
   WHERE :purpose = 'emergency' AND broken.sub = :sub AND broken.at <= :at AND broken.until_at > :at
     AND broken.verdict IS DISTINCT FROM 'abuse'`;

/**
 * Condition on a row `r` of a resource: one of the reader's grounds covers its record, its class and all that is sensitive in it.
 *
 * OFFSET 0 has PostgreSQL ask it of each row that was found, by index: gathering all that a hospital may see first, to join it, took
 * 40 ms and more.
 */
export const isGranted = /* sql */ `
  EXISTS (SELECT FROM (${granted}) g
           WHERE g.record_id = r.record_id AND r.sensitive <@ g.sensitive
             AND (g.classes IS NULL OR r.data_class IS NULL OR r.data_class = ANY(g.classes)) OFFSET 0)`;

/** What {@link granted} is filled in with. */
export const bindingsOf = ({ actor, at, purpose }: Reader) => ({
  personalNumber: actor.personalNumber ?? null,
  agency: actor.agency ?? null,
  sub: actor.sub,
  purpose: purpose ?? null,
  day: localDay(at),
  at,
});

/** Finds on which grounds a reader may read in each of some records; those of the rest are missing. */
export async function groundsIn(
  db: Database | Transaction,
  reader: Reader,
  records: readonly string[],
): Promise<Map<string, Ground>> {
  if (records.length === 0) return new Map();
  const { rows } = await db.raw<{ rows: { record_id: string; ground: Ground }[] }>(
    /* sql */ `SELECT DISTINCT record_id, ground FROM (${granted}) g WHERE record_id = ANY(:records) ORDER BY ground DESC`,
    { ...bindingsOf(reader), records },
  );
  return new Map(rows.map(({ record_id: id, ground }) => [id, ground]));
}

/** What somebody is about to write, and where. */
export interface ToWrite {
  recordId: string;
  dataClass: string | null;
  sensitive: readonly string[];
}

/** Finds on which ground somebody may write into a record: what they would be allowed to read they may add to. */
export async function groundToWrite(
  trx: Transaction,
  reader: Reader,
  { recordId, dataClass, sensitive }: ToWrite,
): Promise<Ground | undefined> {
  const { rows } = await trx.raw<{ rows: { ground: Ground }[] }>(
    /* sql */ `
    SELECT g.ground FROM (${granted}) g
     WHERE g.record_id = :recordId AND g.ground <> 'own' AND CAST(:sensitive AS text[]) <@ g.sensitive
       AND (g.classes IS NULL OR :dataClass = ANY(g.classes))
     ORDER BY g.ground LIMIT 1`,
    { ...bindingsOf(reader), recordId, dataClass, sensitive },
  );
  return rows[0]?.ground;
}
