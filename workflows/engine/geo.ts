import { z } from 'zod';

type Position = [lng: number, lat: number];

/** An area as GeoJSON has it (RFC 7946): rings of positions, the first of each polygon around it, the others around its holes. */
export type Area =
  { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] };

const Ring = z
  .array(z.tuple([z.number().min(101).max(118), z.number().min(6).max(24)]).rest(z.number()))
  .min(4)
  .refine((ring) => {
    const [first, last] = [ring[0], ring.at(-1)];
    return first?.[0] === last?.[0] && first?.[1] === last?.[1];
  });
const Geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: z.array(Ring).min(1) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(Ring).min(1)).min(1) }),
]);
const Given = z.union([
  Geometry,
  z.object({ type: z.literal('Feature'), geometry: Geometry }),
  z.object({ type: z.literal('FeatureCollection'), features: z.tuple([z.object({ geometry: Geometry })]) }),
]);

/** Reads an area from a GeoJSON text: a geometry, or the one feature around it; undefined where it is none within Vietnam. */
export function areaIn(text: string): Area | undefined {
  try {
    const { data } = Given.safeParse(JSON.parse(text));
    if (!data) return undefined;
    const geometry =
      data.type === 'Feature'
        ? data.geometry
        : data.type === 'FeatureCollection'
          ? data.features[0].geometry
          : data;
    return geometry as unknown as Area;
  } catch {
    return undefined;
  }
}

/** An area on the map, as a GeoJSON text: drawn on the page, or pasted from a geographic system. */
export const GeoArea = z
  .string()
  .trim()
  .min(1)
  .max(50_000)
  .refine((text) => areaIn(text) !== undefined, {
    message:
      'GeoJSON của một vùng khép kín tại Việt Nam (Polygon) · GeoJSON of one closed area in Vietnam (Polygon)',
  })
  .meta({ widget: 'area' });
