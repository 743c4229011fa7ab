import fc from 'fast-check';
import { z } from 'zod';
import type { Procedure } from '../../workflows/engine/index.ts';
import { readSamples } from './samples.ts';

/** What is known of a place in a form that its schema does not say: values for a field, by the field's name. */
export type Hints = Readonly<Record<string, readonly unknown[]>>;

interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  widget?: string;
}

const texts = ['Theo quy định.', '', ' ', 'x', 'Đề nghị ghi rõ “chỉ giới” <b>&</b> 1/500', 'ư'.repeat(300)];
/** For patterns of letters: any letter of Unicode would do for them, and no typeface has them all. */
const names = ['Trần Gia Bảo', 'An', "Lê Thị D'Arc"];
const formats: Record<string, readonly string[]> = {
  date: ['2026-11-23', '1990-05-12', '2024-02-29', '2030-12-31'],
  'date-time': ['2026-11-23T02:00:00.000Z', '2027-02-08T16:59:00.000Z'],
  time: ['07:30:00', '23:59:00'],
  email: ['an@example.vn'],
  uuid: ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff'],
  uri: ['https://example.vn/'],
};

const patterns = new Map<string, fc.Arbitrary<string>>();
const schemas = new WeakMap<z.ZodType, JsonSchema>();
function schemaOf(form: z.ZodType): JsonSchema {
  const known =
    schemas.get(form) ?? (z.toJSONSchema(form, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
  schemas.set(form, known);
  return known;
}

/** Draws values of a schema; the first of each choice is the plain one, to which fast-check shrinks. */
function arbitrary(schema: JsonSchema, hints: Hints, root: JsonSchema, name = ''): fc.Arbitrary<unknown> {
  const inner = (each: JsonSchema, at = name) => arbitrary(each, hints, root, at);
  const hint = hints[name];
  if (hint && hint.length > 0) return fc.constantFrom(...hint);
  // Agencies of the sample city.
  if (schema.widget === 'agency') return fc.constantFrom('H29.61', 'H29.62', 'H29.21');
  if (schema.$ref) return inner(root.$defs?.[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((each) => inner(each)));
  if (schema.allOf)
    return fc
      .tuple(...schema.allOf.map((each) => inner(each)))
      .map((all) => Object.assign({}, ...all) as unknown);
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([field, each]) => [
        field,
        inner(each, field),
      ]);
      return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: schema.required ?? [],
      });
    }
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, Math.max(3, schema.minItems ?? 0)),
      });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer(rangeOf(schema, 1));
    case 'number':
      return fc.double({ ...rangeOf(schema, Number.MIN_VALUE), noNaN: true });
    case 'string':
      return text(schema);
    case undefined:
    default:
      return fc.constant(null);
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema, step: number) {
  const min = exclusiveMinimum === undefined ? (minimum ?? -1e6) : exclusiveMinimum + step;
  const max = exclusiveMaximum === undefined ? (maximum ?? 1e6) : exclusiveMaximum - step;
  return { min: Math.max(min, -1e6), max: Math.min(max, 1e6) };
}

function text({ format, pattern, minLength = 0, maxLength = Infinity }: JsonSchema): fc.Arbitrary<unknown> {
  const known = format ? formats[format] : undefined;
  if (known) return fc.constantFrom(...known);
  if (pattern?.includes('\\p{')) return fc.constantFrom(...names);
  if (pattern) {
    const matching = patterns.get(pattern) ?? fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
    patterns.set(pattern, matching);
    return matching;
  }
  const fitting = texts.filter(({ length }) => length >= minLength && length <= maxLength);
  return fitting.length > 0
    ? fc.constantFrom(...fitting)
    : fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 5) });
}

/** Draws one value; the same seed draws the same. */
function draw(form: z.ZodType, seed: number, hints: Hints): unknown {
  const schema = schemaOf(form);
  return fc.sample(arbitrary(schema, hints, schema), { seed, numRuns: 1 })[0];
}

/** The plain value of a form: the first of every choice, nothing that may be left out. */
function plain(form: z.ZodType, hints: Hints): unknown {
  const root = schemaOf(form);
  const of = (schema: JsonSchema, name: string): unknown => {
    if (hints[name] && hints[name].length > 0) return hints[name][0];
    if (schema.$ref) return of(root.$defs?.[schema.$ref.split('/').at(-1) ?? ''] ?? {}, name);
    const choice = (schema.anyOf ?? schema.oneOf)?.[0];
    if (choice) return of(choice, name);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    if (schema.type === 'array' && !schema.minItems) return [];
    if (schema.type === 'string' && !schema.pattern && !schema.format)
      return texts[0]?.slice(0, schema.maxLength);
    if (schema.type !== 'object')
      return fc.sample(arbitrary(schema, hints, root, name), { seed: 1, numRuns: 1 })[0];
    const fields = Object.entries(schema.properties ?? {}).filter(
      ([field, { type }]) => schema.required?.includes(field) || type === 'string',
    );
    return Object.fromEntries(fields.map(([field, each]) => [field, of(each, field)]));
  };
  return of(root, '');
}

const patience = 200;

/** A drawn value without those fields that may be left out and that the form does not take as they are. */
function withoutWrong(form: z.ZodType, value: unknown): unknown {
  const { error } = form.safeParse(value);
  const { required = [] } = schemaOf(form);
  const wrong = new Set((error?.issues ?? []).map(({ path }) => String(path[0])));
  const kept = Object.entries(value as object).filter(
    ([name]) => required.includes(name) || !wrong.has(name),
  );
  return error ? Object.fromEntries(kept) : value;
}

/**
 * Gives an answer that a form accepts, parsed as the API parses it; seed 0 is the plain one.
 *
 * @throws Error when the form accepts none of many drawn values: then a sample must tell what fits
 */
export function answerTo(form: z.ZodType, seed: number, hints: Hints = {}): unknown {
  for (let attempt = 0; attempt < patience; attempt++) {
    const value = seed === 0 && attempt === 0 ? plain(form, hints) : draw(form, seed + attempt * 7919, hints);
    const parsed = form.safeParse(withoutWrong(form, value));
    if (parsed.success) return parsed.data;
  }
  throw new Error(`no answer fits the form ${JSON.stringify(schemaOf(form)).slice(0, 200)}`);
}

/**
 * Gives the answers of an application: those of the sample under samples/<procedure>, some of them drawn anew as far
 * as the form accepts them together, or, without a sample, all drawn.
 */
export function applicationOf(id: string, { application }: Procedure, seed: number): Record<string, unknown> {
  const sample = readSamples().get(id);
  if (!sample) return answerTo(application, seed) as Record<string, unknown>;
  let answers = application.parse(sample);
  if (seed === 0) return answers;
  const fields = Object.entries(application.shape);
  for (const [index, [name, field]] of fields.entries()) {
    // What is a name of the city's data cannot be drawn.
    if ((seed + index) % 3 !== 0 || field.meta()?.['widget'] === 'service') continue;
    const changed = application.safeParse({ ...answers, [name]: draw(field, seed + index, {}) });
    if (changed.success) answers = changed.data;
  }
  return answers;
}
