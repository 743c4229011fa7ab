import type { Actor } from './actor.ts';
import { areaAt, type Place } from './areas.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';
import { findService, wrongDetails, type Service, type ServiceFacts } from './services.ts';

/** What the answers that say what an incident is are called in the form of its procedure. */
export interface IncidentNames {
  service: string;
  place: string;
  address: string;
  words: string;
  details: string;
  photos: string;
}

/** What was reported, read from the answers of an application. */
interface Reported {
  service: string;
  place: Place;
  address: string;
  words: string;
  details: Record<string, unknown>;
}

/** Reads what was reported from answers that fit the form of its procedure. */
export const reportedIn = (names: IncidentNames, answers: Readonly<Record<string, unknown>>): Reported => ({
  service: String(answers[names.service]),
  place: answers[names.place] as Place,
  address: typeof answers[names.address] === 'string' ? (answers[names.address] as string) : '',
  words: typeof answers[names.words] === 'string' ? (answers[names.words] as string) : '',
  details: (answers[names.details] ?? {}) as Record<string, unknown>,
});

/**
 * Checks that somebody may report this: a service of the procedure that is offered to them, with what it asks.
 *
 * @throws Refusal `invalid-form`
 */
export async function mustBeReportable(
  db: Database | Transaction,
  actor: Pick<Actor, 'roles'>,
  procedureCode: string,
  names: IncidentNames,
  answers: Readonly<Record<string, unknown>>,
): Promise<Service> {
  const { service: code, details } = reportedIn(names, answers);
  const service = await findService(db, code);
  const operator = actor.roles.some((role) => role === 'sensor' || role === 'reception');
  if (service?.procedureCode !== procedureCode || (!service.offered && !operator))
    throw new Refusal('invalid-form', 'Thông tin chưa đúng · Some of the information is wrong', [
      {
        pointer: `/answers/${names.service}`,
        detail: 'Chọn lĩnh vực trong danh sách · Choose a service of the list',
      },
    ]);
  const wrong = wrongDetails(service, details);
  if (wrong.length > 0)
    throw new Refusal(
      'invalid-form',
      'Thông tin chưa đúng · Some of the information is wrong',
      wrong.map(({ code: attribute, message }) => ({
        pointer: `/answers/${names.details}/${attribute}`,
        detail: message,
      })),
    );
  return service;
}

/** How much one person reports online in 24 hours at most. */
export const reportsADay = 10;

/**
 * Lets through who has not reported more than one person does in a day.
 *
 * @throws Refusal `too-many-reports`
 */
export async function mustNotFlood(trx: Transaction, sub: string, at: Date): Promise<void> {
  const since = new Date(at.getTime() - 24 * 3_600_000);
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(
    /* sql */ `
    SELECT count(*)::int AS count FROM cases JOIN incidents ON case_code = code
     WHERE applicant_sub = :sub AND cases.filed_at > :since AND channel = 'online'`,
    { sub, since },
  );
  if ((rows[0]?.count ?? 0) < reportsADay) return;
  throw new Refusal(
    'too-many-reports',
    `Mỗi người phản ánh tối đa ${reportsADay} lần trong 24 giờ; khẩn cấp hãy gọi 1022 · One person reports at most ${reportsADay} times in 24 hours; when it is urgent call 1022`,
  );
}

const bits = 22;
/** Tiles of a map at the nearest zoom on each side of the world. */
const side = 2 ** bits;

/** A place as a number whose leading bits are those of its neighbourhood: the tiles of the map in Z-order (Web Mercator). */
export function cellOf({ lat, lng }: Place): number {
  const radians = (lat * Math.PI) / 180;
  const tile = (part: number) => Math.min(side - 1, Math.max(0, Math.floor(part * side)));
  const x = tile((lng + 180) / 360);
  const y = tile((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2);
  let cell = 0;
  for (let bit = bits - 1; bit >= 0; bit--) cell = cell * 4 + ((y >> bit) & 1) * 2 + ((x >> bit) & 1);
  return cell;
}

/** By how many bits a cell of the nearest zoom is shortened to one of about 64 pixels at another zoom. */
export const shiftAt = (zoom: number): number => 2 * Math.max(0, bits - Math.min(bits, zoom + 2));

/** Says in words where a place is: the address that was given, and the ward that the map knows. */
export async function areaInWords(
  trx: Transaction,
  names: IncidentNames,
  answers: Readonly<Record<string, unknown>>,
): Promise<{ ward: string | null; words: string | null }> {
  const { place, address } = reportedIn(names, answers);
  const ward = await areaAt(trx, place);
  const street = address.replace(/^(số\s*)?\d\S*\s+/i, '');
  const words = [street, ward?.place].filter(Boolean).join(', ');
  return { ward: ward?.agency ?? null, words: words || null };
}

/** Enters the incident of a case that is being filed. */
export async function enterIncident(
  trx: Transaction,
  incident: {
    code: string;
    procedureCode: string;
    agency: string;
    names: IncidentNames;
    answers: Readonly<Record<string, unknown>>;
    ward: string | null;
    at: Date;
  },
): Promise<void> {
  const { code, procedureCode, agency, names, answers, ward, at } = incident;
  const { service, place, words } = reportedIn(names, answers);
  const facts = await findService(trx, service);
  await trx('incidents').insert({
    case_code: code,
    procedure_code: procedureCode,
    service,
    lat: place.lat,
    lng: place.lng,
    cell: cellOf(place),
    ward,
    sought: trx.raw('folded(?)', [words]),
    severity: facts?.severity ?? 1,
    published: facts?.published ?? false,
    state: 1,
    agency,
    filed_at: at,
    updated_at: at,
  });
}

/** Who deals with an incident, and how soon. */
export interface Routing {
  service: string;
  name: { vi: string; en: string };
  severity: number;
  /** The agency that leads, and those that support it. */
  lead: string;
  support: string[];
  /** The team that was asked for, where it is one of the city's. */
  team: string | null;
  verify: string;
  forward: string;
  acknowledge: string;
  resolve: string;
  ward: string | null;
  /** On which way it came. */
  channel: string;
  /** Whether work done for it is inspected: one in ten is. */
  sampled: boolean;
}

/**
 * Says who deals with an incident and how soon, by the city's services as they are now.
 *
 * @param wish another service, lead or team that an officer has chosen; what the city does not have is passed over
 */
export async function routeIncident(
  db: Database,
  code: string,
  wish: { service?: string | undefined; lead?: string | undefined; team?: string | undefined },
): Promise<Routing> {
  const found = await db('incidents')
    .join('cases', 'cases.code', 'incidents.case_code')
    .where({ case_code: code })
    .first<{ service: string; ward: string | null; priority: number; channel: string } | undefined>(
      'service',
      'ward',
      'priority',
      'channel',
    );
  if (!found) throw new Error(`${code} is no incident`);
  const chosen = wish.service ? await findService(db, wish.service) : undefined;
  const service = chosen ?? (await findService(db, found.service));
  if (chosen && chosen.code !== found.service)
    await db('incidents')
      .where({ case_code: code })
      .update({ service: chosen.code, severity: chosen.severity, published: chosen.published });
  const facts = service ?? fallback;
  return {
    service: service?.code ?? found.service,
    name: facts.name,
    severity: Math.max(found.priority, facts.severity),
    lead: (await known(db, wish.lead)) ?? (await leadOf(db, code, facts, found.ward)),
    support: facts.support,
    team: (await known(db, wish.team, 'team')) ?? null,
    verify: facts.verify,
    forward: facts.forward,
    acknowledge: facts.acknowledge,
    resolve: facts.resolve,
    ward: found.ward,
    channel: found.channel,
    sampled: code.endsWith('0'),
  };
}

/** What holds for a service that was withdrawn. */
const fallback = {
  name: { vi: 'Lĩnh vực khác', en: 'Another service' },
  severity: 1,
  lead: { ward: false, byWard: {} },
  support: [],
  verify: '2wh',
  forward: '1h',
  acknowledge: '4h',
  resolve: '48h',
} satisfies Partial<ServiceFacts>;

async function known(db: Database, agency?: string, kind?: string): Promise<string | undefined> {
  if (!agency) return undefined;
  const row = await db('agencies')
    .where({ code: agency, ...(kind ? { kind } : {}) })
    .first<{ code: string } | undefined>('code');
  return row?.code;
}

/** The agency of the place; where the map knows no ward, the one above that receives reports. */
async function leadOf(
  db: Database,
  code: string,
  { lead }: Pick<ServiceFacts, 'lead'>,
  ward: string | null,
): Promise<string> {
  const ofWard = ward ? (lead.byWard[ward] ?? (lead.ward ? ward : undefined)) : undefined;
  const agency = ofWard ?? lead.agency;
  if (agency) return agency;
  const [receiving = ''] = code.split('-');
  const { parent } = await db('agencies')
    .where({ code: receiving })
    .first<{ parent: string | null }>('parent');
  return parent ?? receiving;
}
