import { z } from 'zod';
import { agencyCode } from './calendar-rows.ts';
import type { Database, Transaction } from './db.ts';

const Ring = z.array(z.tuple([z.number(), z.number()]).rest(z.number())).min(4);
const Polygon = z.object({ type: z.literal('Polygon'), coordinates: z.array(Ring).min(1) });
const MultiPolygon = z.object({
  type: z.literal('MultiPolygon'),
  coordinates: z.array(z.array(Ring).min(1)).min(1),
});

/** Where an agency is the one of the place, as GeoJSON (RFC 7946, longitude before latitude). */
export const CityArea = z.object({
  type: z.literal('Feature'),
  properties: z.object({ agency: agencyCode }).loose(),
  geometry: z.discriminatedUnion('type', [Polygon, MultiPolygon]),
});

/** Makes the given areas those of their agencies; the areas of others stay. */
export async function loadAreas(trx: Transaction, areas: readonly z.infer<typeof CityArea>[]): Promise<void> {
  const agencies = areas.map(({ properties }) => properties.agency);
  await trx('areas').whereIn('agency', agencies).delete();
  const rows = areas.flatMap(({ properties: { agency }, geometry }) => {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    // The first ring of a polygon is its outline, the others are holes in it.
    return polygons.flatMap((rings) =>
      rings.map((ring, index) => ({
        agency,
        outline: `(${ring.map(([lng, lat]) => `(${lng},${lat})`).join(',')})`,
        hole: index > 0,
      })),
    );
  });
  if (rows.length > 0) await trx('areas').insert(rows.map((row, number) => ({ ...row, number: number + 1 })));
}

/** A place on the map: degrees (WGS 84). */
export interface Place {
  lat: number;
  lng: number;
}

/** Finds the agency in whose area a place lies; undefined where the map knows none. */
export async function areaAt(
  db: Database | Transaction,
  { lat, lng }: Place,
): Promise<{ agency: string; name: { vi: string; en: string }; place: string } | undefined> {
  const { rows } = await db.raw<{
    rows: { agency: string; name: { vi: string; en: string }; place: string }[];
  }>(
    /* sql */ `
    SELECT agency, name, agencies.place FROM areas JOIN agencies ON agencies.code = areas.agency
     WHERE outline @> point(:lng, :lat) GROUP BY agency, name, agencies.place
    HAVING NOT bool_or(hole) ORDER BY agency LIMIT 1`,
    { lat, lng },
  );
  return rows[0];
}

/** An area as a map draws it: rings of latitude and longitude. */
export async function listAreas(
  db: Database,
): Promise<{ agency: string; name: { vi: string; en: string }; ring: [number, number][] }[]> {
  const rows = await db('areas')
    .join('agencies', 'agencies.code', 'areas.agency')
    .where({ hole: false })
    .orderBy(['agency', 'number'])
    .select<{ agency: string; name: { vi: string; en: string }; outline: string }[]>(
      'agency',
      'name',
      db.raw('outline::text AS outline'),
    );
  return rows.map(({ agency, name, outline }) => {
    const numbers = outline.replaceAll(/[()]/g, '').split(',').map(Number);
    const ring = Array.from({ length: numbers.length / 2 }, (_, at): [number, number] => [
      numbers[2 * at + 1]!,
      numbers[2 * at]!,
    ]);
    return { agency, name, ring };
  });
}
