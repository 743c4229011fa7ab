import { z } from 'zod';
import { agencyCode } from './calendar-rows.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';
import { lockSettings, noteChange, type ChangeBy } from './setting-changes.ts';

const Text = z.object({ vi: z.string().trim().min(1).max(500), en: z.string().trim().min(1).max(500) });
const limit = z
  .string()
  .regex(/^\d{1,4}(wh|wd|d|min|m|h)$/, 'Ví dụ 15min, 4h, 2wh, 5wd · For example 15min, 4h, 2wh, 5wd');
const code = z.string().regex(/^[a-z0-9-]{1,40}$/, 'a-z, 0-9, -');

/** How an attribute of a service is answered: the types of Open311. */
export const datatypes = [
  'string',
  'text',
  'number',
  'datetime',
  'singlevaluelist',
  'multivaluelist',
] as const;

/** What a service asks beside place and words. */
export const Attribute = z.object({
  code,
  name: Text,
  datatype: z.enum(datatypes),
  required: z.boolean(),
  /** What may be chosen, of a list. */
  values: z.array(z.object({ key: code, name: Text })).default([]),
});
export type Attribute = z.infer<typeof Attribute>;

/** What can be reported, who leads then, and how soon. Data of the city, never code. */
export const ServiceFacts = z.object({
  group: Text,
  name: Text,
  description: Text,
  keywords: z.array(z.string().trim().min(1).max(60)).max(30).default([]),
  attributes: z.array(Attribute).max(20).default([]),
  /** From 1 (when there is time) to 5 (lives are in danger). */
  severity: z.int().min(1).max(5),
  /** Whether people can report it; otherwise only machines and operators do. */
  offered: z.boolean().default(true),
  /** Whether reports of it are shown in public. */
  published: z.boolean().default(true),
  /** How soon it is verified, forwarded after that, acknowledged by the lead agency, and dealt with. */
  verify: limit.default('2wh'),
  forward: limit.default('1h'),
  acknowledge: limit.default('4h'),
  resolve: limit,
  /** Within how many metres and hours another report may be about the same. */
  nearMetres: z.int().min(1).max(5_000).default(50),
  nearHours: z.int().min(1).max(8_760).default(336),
  /**
   * The agency that leads: the one named for the ward of the place, else the ward's own where `ward` says so, else `agency`.
   * Where none of them is known, the agency above the one that receives reports leads.
   */
  lead: z.object({
    ward: z.boolean().default(false),
    agency: agencyCode.optional(),
    byWard: z.record(agencyCode, agencyCode).default({}),
  }),
  /** Agencies that are told at once and acknowledge too. */
  support: z.array(agencyCode).max(10).default([]),
});
export type ServiceFacts = z.infer<typeof ServiceFacts>;

/** A service as the file of a city names it. */
export const CityService = ServiceFacts.extend({
  code,
  procedureCode: z.string().regex(/^\d\.\d{6}$/),
});

/** A service of the city. */
export interface Service extends ServiceFacts {
  code: string;
  procedureCode: string;
}

interface Row {
  code: string;
  procedure_code: string;
  facts: ServiceFacts;
}

const fromRow = ({ code, procedure_code: procedureCode, facts }: Row): Service => ({
  code,
  procedureCode,
  ...facts,
});

/** Lists the services of a city in their order; of all procedures, unless one is named. */
export async function listServices(db: Database | Transaction, procedureCode?: string): Promise<Service[]> {
  const query = db<Row & { position: number; withdrawn: boolean }>('services')
    .where({ withdrawn: false })
    .orderBy(['position', 'code']);
  if (procedureCode !== undefined) void query.where({ procedure_code: procedureCode });
  return (await query.select<Row[]>('*')).map(fromRow);
}

/** Finds a service that was not withdrawn. */
export async function findService(db: Database | Transaction, code: string): Promise<Service | undefined> {
  const row = await db('services').where({ code, withdrawn: false }).first<Row | undefined>();
  return row && fromRow(row);
}

/** Finds the names of services, also of those that were withdrawn, as old reports have them. */
export async function serviceNames(
  db: Database | Transaction,
): Promise<Map<string, { vi: string; en: string }>> {
  const rows = await db('services').select<{ code: string; name: { vi: string; en: string } }[]>(
    'code',
    db.raw(`facts->'name' AS name`),
  );
  return new Map(rows.map(({ code, name }) => [code, name]));
}

/**
 * Makes a service what it is to be, null for none, and keeps how it was; undoing does so with how it was. What was reported
 * stays under it.
 *
 * @throws Refusal `not-found` where a service that does not exist is to be withdrawn, `invalid-form` for an unknown agency
 */
export async function setService(
  trx: Transaction,
  by: ChangeBy,
  code: string,
  service: Omit<Service, 'code'> | null,
): Promise<{ code: string; change: number | null }> {
  await lockSettings(trx);
  const before = await findService(trx, code);
  if (!service && !before) throw new Refusal('not-found', 'Không có lĩnh vực này · There is no such service');
  if (service) {
    await mustKnowAgencies(trx, service);
    const { procedureCode, ...facts } = service;
    const row = { procedure_code: procedureCode, facts: JSON.stringify(facts), withdrawn: false };
    await trx('services')
      .insert({ code, ...row, position: trx.raw('(SELECT coalesce(max(position), 0) + 1 FROM services)') })
      .onConflict('code')
      .merge(row);
  } else await trx('services').where({ code }).update({ withdrawn: true });
  const { code: _code, ...was } = before ?? { code };
  const change = await noteChange(trx, by, {
    area: 'services',
    subject: code,
    before: before ? was : null,
    after: service,
  });
  return { code, change };
}

async function mustKnowAgencies(trx: Transaction, { lead, support }: ServiceFacts): Promise<void> {
  const named = [lead.agency, ...Object.entries(lead.byWard).flat(), ...support].flatMap(
    (each) => each ?? [],
  );
  const known = await trx('agencies').whereIn('code', named).pluck<string[]>('code');
  const unknown = named.find((each) => !known.includes(each));
  if (unknown === undefined) return;
  throw new Refusal('invalid-form', 'Cơ quan không đúng · Not the right agency', [
    { pointer: '/lead', detail: `Không có cơ quan ${unknown} · There is no agency ${unknown}` },
  ]);
}

/** Writes the services of a city's file; those that admins have changed since stay as they are. */
export async function loadServices(
  trx: Transaction,
  services: readonly z.infer<typeof CityService>[],
): Promise<void> {
  for (const [position, { code, procedureCode, ...facts }] of services.entries()) {
    await mustKnowAgencies(trx, facts);
    const row = { procedure_code: procedureCode, position, facts: JSON.stringify(facts) };
    await trx.raw(
      /* sql */ `
      INSERT INTO services (code, procedure_code, position, facts)
      VALUES (:code, :procedure_code, :position, :facts)
      ON CONFLICT (code) DO UPDATE SET procedure_code = :procedure_code, position = :position, facts = :facts
       WHERE NOT EXISTS (SELECT FROM setting_changes WHERE area = 'services' AND subject = :code)`,
      { code, ...row },
    );
  }
}

/** What is wrong with the answers to what a service asks; by the code of the attribute. */
export function wrongDetails(
  { attributes }: Pick<ServiceFacts, 'attributes'>,
  details: Readonly<Record<string, unknown>>,
): { code: string; message: string }[] {
  const unknown = Object.keys(details).filter((each) => !attributes.some((known) => known.code === each));
  return [
    ...unknown.map((each) => ({
      code: each,
      message: 'Lĩnh vực này không hỏi mục này · The service does not ask this',
    })),
    ...attributes.flatMap((attribute) => {
      const message = wrongDetail(attribute, details[attribute.code]);
      return message ? [{ code: attribute.code, message }] : [];
    }),
  ];
}

function wrongDetail({ datatype, required, values }: Attribute, given: unknown): string | undefined {
  const all = Array.isArray(given) ? (given as unknown[]) : [given];
  const said = all.filter((each) => each !== undefined && each !== '');
  if (said.length === 0) return required ? 'Bắt buộc · Required' : undefined;
  if (said.length > 1 && datatype !== 'multivaluelist') return 'Chỉ một giá trị · One value only';
  const fits = said.every((each) => typeof each === 'string' && each.length <= 1_000 && isOf(datatype, each));
  if (!fits) return 'Giá trị không hợp lệ · Not a valid value';
  const chosen = !datatype.endsWith('list') || said.every((each) => values.some(({ key }) => key === each));
  return chosen ? undefined : 'Chọn một giá trị trong danh sách · Choose a value of the list';
}

function isOf(datatype: Attribute['datatype'], text: string): boolean {
  if (datatype === 'number') return /^-?\d+([.,]\d+)?$/.test(text);
  if (datatype === 'datetime') return !Number.isNaN(Date.parse(text));
  return true;
}
