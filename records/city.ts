import { z } from 'zod';
import { CityCalendar, loadCalendar } from './calendar-file.ts';
import { agencyCode } from './calendar-rows.ts';
import { setCompetences } from './competences.ts';
import { CityArea, loadAreas } from './areas.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';
import { CityService, loadServices } from './services.ts';

const Bilingual = z.object({ vi: z.string().min(1), en: z.string().min(1) });

/** The places of one installation: who its agencies are, what they charge and when they work. Configuration, never code. */
export const City = z.object({
  agencies: z.array(
    z.object({
      code: agencyCode,
      kind: z.enum(['province', 'ward', 'department', 'service', 'team']),
      parent: agencyCode.nullable(),
      abbreviation: z.string().min(1),
      place: z.string().min(1),
      name: Bilingual,
      /** Where its one-stop office is and how to reach it; all but the address is the parent's where it has none of its own. */
      contact: z
        .object({
          address: z.string().min(1).optional(),
          phone: z.string().min(1).optional(),
          hotline: z.string().min(1).optional(),
          web: z.url().optional(),
        })
        .default({}),
    }),
  ),
  consultations: z.array(z.object({ consultation: z.string().min(1), agency: agencyCode })),
  /** Which agencies receive a procedure; every one that receives any, where nothing is said. */
  competences: z
    .array(
      z.object({
        procedureCode: z.string().regex(/^\d\.\d{6}$/),
        agencies: z.array(agencyCode).min(1),
      }),
    )
    .default([]),
  fees: z.array(
    z.object({
      procedureCode: z.string().regex(/^\d\.\d{6}$/),
      agency: agencyCode,
      /** What the amount is for, of a fee that has items. */
      item: z.string().default(''),
      amount: z.int().min(0),
      legalBasis: z.string(),
      /** The local day from which it holds; always has, unless told. Admins add later ones on a page. */
      validFrom: z.iso.date().default('1900-01-01'),
    }),
  ),
  /** What can be reported at a place, and who leads then. */
  services: z.array(CityService).default([]),
  /** Which agency is the one of a place. */
  areas: z.array(CityArea).default([]),
  ...CityCalendar.shape,
});
export type City = z.infer<typeof City>;

/**
 * Writes a city's agencies, fees and calendar; running it again with a changed file changes the rows that differ.
 *
 * @param at the instant of the change, for the history of calendars
 */
export async function applyCity(db: Database, city: City, at: Date): Promise<void> {
  await db.transaction(async (trx) => {
    // Parents first: the file may list the tree in any order.
    const waiting = [...city.agencies];
    const known = new Set<string | null>([null]);
    while (waiting.length > 0) {
      const next = waiting.findIndex((agency) => known.has(agency.parent));
      if (next < 0)
        throw new Error(`agency ${waiting[0]?.code} names a parent that the city file does not have`);
      const [agency] = waiting.splice(next, 1);
      if (!agency) break;
      await trx('agencies')
        .insert({ ...agency, name: JSON.stringify(agency.name), contact: JSON.stringify(agency.contact) })
        .onConflict('code')
        .merge();
      known.add(agency.code);
    }
    if (city.consultations.length > 0)
      await trx('consulted_agencies').insert(city.consultations).onConflict('consultation').merge();
    await setCompetences(trx, city.competences);
    const fees = city.fees.map((fee) => ({
      procedure_code: fee.procedureCode,
      agency: fee.agency,
      item: fee.item,
      amount: fee.amount,
      legal_basis: fee.legalBasis,
      valid_from: fee.validFrom,
    }));
    if (fees.length > 0)
      await trx('fees').insert(fees).onConflict(['procedure_code', 'agency', 'item', 'valid_from']).merge();
    await loadServices(trx, city.services);
    await loadAreas(trx, city.areas);
    await loadCalendar(trx, city, at);
  });
}

/** An agency with its name. */
export interface NamedAgency {
  code: string;
  name: { vi: string; en: string };
}

/**
 * Gives the name of an agency.
 *
 * @throws Refusal `not-found`
 */
export async function nameOfAgency(db: Database | Transaction, code: string): Promise<NamedAgency['name']> {
  const row = await db('agencies').where({ code }).first<NamedAgency | undefined>('name');
  if (!row) throw new Refusal('not-found', `Không có cơ quan ${code} · There is no agency ${code}`);
  return row.name;
}

/** Lists all agencies by their codes. */
export function listAgencies(db: Database | Transaction): Promise<NamedAgency[]> {
  return db('agencies').orderBy('code').select<NamedAgency[]>('code', 'name');
}

/** Lists all agencies as a tree, each below its parent, by their codes. */
export async function listAgencyTree(
  db: Database,
): Promise<(NamedAgency & { kind: string; depth: number })[]> {
  const { rows } = await db.raw<{ rows: (NamedAgency & { kind: string; depth: number })[] }>(/* sql */ `
    WITH RECURSIVE tree AS (
      SELECT code, name, kind, 0 AS depth, code AS path FROM agencies WHERE parent IS NULL
      UNION ALL
      SELECT a.code, a.name, a.kind, depth + 1, path || '/' || a.code FROM agencies a JOIN tree ON a.parent = tree.code
    ) SELECT code, name, kind, depth FROM tree ORDER BY path`);
  return rows;
}

/** Lists the agencies that receive applications by their codes; services only answer other agencies. */
export function listReceivingAgencies(db: Database | Transaction): Promise<NamedAgency[]> {
  return db('agencies')
    .whereNotIn('kind', ['service', 'team'])
    .orderBy('code')
    .select<NamedAgency[]>('code', 'name');
}

/** Lists the teams that work in the field for an agency, by their codes. */
export function listTeams(db: Database, agency: string): Promise<NamedAgency[]> {
  return db('agencies')
    .where({ parent: agency, kind: 'team' })
    .orderBy('code')
    .select<NamedAgency[]>('code', 'name');
}

/** Says whether a city has been loaded. */
export async function hasCity(db: Database): Promise<boolean> {
  const agency = await db('agencies').first<{ code: string } | undefined>('code');
  return agency !== undefined;
}
