import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DosesAnswer } from '../activities/agencies/immunisations.ts';
import { ClaimsAnswer } from '../activities/agencies/insurance-claims.ts';
import { Address, HomeAnswer, PersonalNumber } from '../activities/agencies/resident-registry.ts';
import { City } from '../records/city.ts';
import { roles } from '../records/actor.ts';

/** What the sample identity provider calls a sign-in that was confirmed with the PIN. */
export const sampleAcr = 'urn:motcua:sample:pin';

const who = {
  sub: z.string().regex(/^[a-z][a-z.-]*$/, 'small letters, dots and hyphens'),
  name: z.string().min(1),
  roles: z.array(z.enum(roles)).min(1),
  agency: z.string().optional(),
  title: z.string().optional(),
};

/** The sample people and machines that the sample identity provider vouches for. */
export const People = z.object({
  people: z.array(
    z.object({
      ...who,
      personalNumber: PersonalNumber.optional(),
      email: z.email().optional(),
      /** How well the provider knows a citizen, as the levels of VNeID are numbered. */
      identityLevel: z.int().min(1).max(2).optional(),
    }),
  ),
  machines: z.array(z.object(who)),
});
export type People = z.infer<typeof People>;

/** The people whom the sample resident registry knows. */
export const Residents = z.object({
  residents: z.array(
    z.object({
      personalNumber: PersonalNumber,
      fullName: z.string().min(1),
      dateOfBirth: z.iso.date(),
      residence: Address,
      /** On what ground they live there and since when; who has none is known by name only. */
      home: HomeAnswer.shape.home.unwrap().omit({ address: true }).optional(),
    }),
  ),
});

/** What the sample education registry knows of children. */
export const Pupils = z.object({
  pupils: z.array(
    z.object({
      personalNumber: PersonalNumber,
      /** Whether a child that is to go to school has finished preschool. */
      preschool: z.boolean().default(false),
      /** Code of the school where they learn. */
      school: z.string().nullable().default(null),
    }),
  ),
});

/** The births that hospitals have certified. */
export const Births = z.object({
  births: z.array(
    z.object({
      certificate: z.string().min(1),
      motherPersonalNumber: PersonalNumber,
      dateOfBirth: z.iso.date(),
      gender: z.enum(['male', 'female']),
      facility: z.string().min(1),
    }),
  ),
});

/** What the sample registries know of people's health. */
export const HealthHistories = z.object({
  people: z.array(
    z.object({
      personalNumber: PersonalNumber,
      doses: DosesAnswer.shape.doses,
      claims: ClaimsAnswer.shape.claims,
    }),
  ),
});

/** The marriages that the sample civil-status records know. */
export const Marriages = z.object({
  marriages: z.array(
    z.object({
      couple: z.tuple([PersonalNumber, PersonalNumber]),
      certificate: z.string().min(1),
      date: z.iso.date(),
      place: z.string().min(1),
    }),
  ),
});

/** The parcels of the sample land registry and the zones of the sample planning map; areas in m², lengths in metres. */
export const Parcels = z.object({
  parcels: z.array(
    z.object({
      sheet: z.int(),
      number: z.int(),
      certificate: z.string(),
      owner: PersonalNumber,
      areaM2: z.number().positive(),
      landUse: z.string(),
      address: Address,
      encumbrances: z.array(
        z.object({ kind: z.enum(['mortgage', 'dispute', 'seizure', 'lease']), holder: z.string() }),
      ),
      plannedRoadM2: z.number().min(0),
      coastalCorridorM2: z.number().min(0),
      heritageM2: z.number().min(0),
      zone: z.string(),
    }),
  ),
  zones: z.array(
    z.object({
      code: z.string(),
      maxFloors: z.int(),
      maxDensityPercent: z.number(),
      maxHeightM: z.number(),
      minAreaM2: z.number(),
      setbacks: z.object({ frontM: z.number(), sideM: z.number(), rearM: z.number() }),
    }),
  ),
});

/**
 * Reads one file of `samples/`.
 *
 * @throws Error naming the file and the wrong place, in one line
 */
export function readSample<T>(name: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(
    JSON.parse(readFileSync(new URL(`../samples/${name}`, import.meta.url), 'utf8')),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`samples/${name} is wrong at /${issue?.path.join('/')}: ${issue?.message}`);
}

export const samplePeople = (): People => readSample('people.json', People);
export const sampleCity = (): City => readSample('city.json', City);
