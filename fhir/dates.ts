import type { FhirResource, Period } from 'fhir/r4.js';
import { interactions, isStored } from './resource-types.ts';

/** The time that a date of FHIR stands for: a year, a month, a day or an instant; the end is not in it. */
export interface Span {
  from: Date;
  to: Date;
}

const shape =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
/** Dates without a zone are those of Vietnam. */
const zone = '+07:00';

/** Reads a date of FHIR, as precise as it is; undefined for what is none. */
export function spanOf(text: string): Span | undefined {
  const parts = shape.exec(text);
  if (!parts) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, offset = zone] = parts;
  const date = `${year}-${month ?? '01'}-${day ?? '01'}`;
  const from = new Date(
    `${date}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${fraction ?? ''}${offset}`,
  );
  // JavaScript takes 30 February for 2 March.
  if (Number.isNaN(from.getTime()) || !isDay(date)) return undefined;
  const to = new Date(from);
  if (!month) to.setTime(startOf(`${Number(year) + 1}-01-01`));
  else if (!day) to.setTime(startOf(monthAfter(Number(year), Number(month))));
  else if (!hour) to.setTime(from.getTime() + 86_400_000);
  else to.setTime(from.getTime() + (fraction ? 1 : second ? 1_000 : 60_000));
  return { from, to };
}

const startOf = (day: string) => new Date(`${day}T00:00:00${zone}`).getTime();
const isDay = (day: string) => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
const monthAfter = (year: number, month: number) =>
  month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;

/** The prefixes of FHIR that compare dates. */
const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;
type Prefix = (typeof prefixes)[number];

/** A date that is searched for: `ge2026-01-01`. */
export interface DateSearch extends Span {
  prefix: Prefix;
}

/** Reads what a date is compared with; undefined for what is no date. */
export function dateSearch(text: string): DateSearch | undefined {
  const prefix = prefixes.find((each) => text.startsWith(each));
  const span = spanOf(prefix ? text.slice(2) : text);
  return span && { prefix: prefix ?? 'eq', ...span };
}

/** When what a resource tells of happened or was recorded; undefined where it does not say. */
export function timeOf(resource: FhirResource): Span | undefined {
  const { resourceType: type } = resource;
  const about = isStored(type) ? interactions[type] : undefined;
  if (!about || !('date' in about)) return undefined;
  const values = resource as unknown as Record<string, unknown>;
  const named = [about.date, `${about.date}DateTime`, `${about.date}Instant`, `${about.date}Period`];
  const value = named.map((name) => values[name]).find((each) => each !== undefined);
  if (typeof value === 'string') return spanOf(value);
  const { start, end } = (value ?? {}) as Period;
  const [first, last] = [start ? spanOf(start) : undefined, end ? spanOf(end) : undefined];
  if (!first && !last) return undefined;
  return { from: first?.from ?? new Date(0), to: last?.to ?? new Date(253_402_300_799_000) };
}
