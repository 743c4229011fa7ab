import { z } from 'zod';
import type { Text } from '../../workflows/engine/index.ts';

/** A question of a form, as a page asks it; made from the schema that checks the answer. */
export interface Field {
  /** JSON Pointer of the answer, with `*` in the place of the number of a row. */
  pointer: string;
  title: Text;
  /** Whether it may be left empty. */
  optional: boolean;
  /** What it is unless somebody says otherwise. */
  preset?: unknown;
  autocomplete?: string;
  /** Asked only where the field of that name beside it was answered so. */
  askedWhen?: { field: string; is: readonly unknown[] };
  input: Input;
}

/** How a question is answered. */
export type Input =
  | { kind: 'line'; most: number; mayBeEmpty: boolean; type?: 'email' | 'tel' }
  | { kind: 'text'; most: number; mayBeEmpty: boolean }
  | { kind: 'number'; whole: boolean }
  | { kind: 'yesNo' | 'confirm' | 'date' | 'time' | 'moment' | 'point' }
  | { kind: 'choice' | 'choices'; choices: Choice[] }
  /** Something that is known by name where the form stands: a paper or field of the case, an agency, an officer. */
  | { kind: 'named'; of: Named }
  | { kind: 'group'; fields: Field[] }
  | { kind: 'list'; fields: Field[]; most: number };

export const named = [
  'part',
  'entry',
  'agency',
  'officer',
  'document',
  'procedure',
  'service',
  'team',
  'report',
  'offer',
] as const;
export type Named = (typeof named)[number];
const isNamed = (widget: string | undefined): widget is Named => named.some((each) => each === widget);

export interface Choice {
  value: string;
  text: Text;
}

/** What is read of a JSON Schema: what zod writes for the forms of procedures. */
interface Schema {
  type?: string;
  title?: string;
  'title.en'?: string;
  format?: string;
  pattern?: string;
  enum?: string[];
  choices?: Record<string, Text>;
  const?: unknown;
  default?: unknown;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  widget?: string;
  autocomplete?: string;
  askedWhen?: NonNullable<Field['askedWhen']>;
}

/** Texts longer than this get more than one line. */
const oneLine = 500;

/**
 * Lists the questions of a form in the order of its schema.
 *
 * @param at JSON Pointer of the whole form in what is sent
 */
export function fieldsOf(form: z.ZodType, at: string): Field[] {
  let schema = schemas.get(form);
  if (!schema)
    schemas.set(form, (schema = z.toJSONSchema(form, { io: 'input', unrepresentable: 'any' }) as Schema));
  return fieldsIn(schema, at);
}

/** Forms never change while the program runs. */
const schemas = new WeakMap<z.ZodType, Schema>();

function fieldsIn({ properties = {}, required = [] }: Schema, at: string): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    pointer: `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    title: { vi: schema.title ?? name, en: schema['title.en'] ?? schema.title ?? name },
    optional: !required.includes(name),
    ...(schema.default === undefined ? {} : { preset: schema.default }),
    ...(schema.autocomplete ? { autocomplete: schema.autocomplete } : {}),
    ...(schema.askedWhen ? { askedWhen: schema.askedWhen } : {}),
    input: inputOf(schema, `${at}/${name}`),
  }));
}

function inputOf(schema: Schema, at: string): Input {
  if (schema.widget === 'point' || schema.widget === 'moment') return { kind: schema.widget };
  if (isNamed(schema.widget)) return { kind: 'named', of: schema.widget };
  if (schema.const === true) return { kind: 'confirm' };
  if (schema.enum) return { kind: 'choice', choices: choicesOf(schema) };
  switch (schema.type) {
    case 'boolean':
      return { kind: 'yesNo' };
    case 'integer':
    case 'number':
      return { kind: 'number', whole: schema.type === 'integer' };
    case 'object':
      return { kind: 'group', fields: fieldsIn(schema, at) };
    case 'array':
      return listOf(schema, at);
    default:
      return textOf(schema);
  }
}

function listOf({ items = {}, maxItems = 100 }: Schema, at: string): Input {
  if (items.enum) return { kind: 'choices', choices: choicesOf(items) };
  return { kind: 'list', fields: fieldsIn(items, `${at}/*`), most: maxItems };
}

function textOf({ format, pattern, minLength, maxLength = oneLine, autocomplete }: Schema): Input {
  if (format === 'date' || format === 'time') return { kind: format };
  const mayBeEmpty = !minLength && pattern === undefined;
  if (maxLength > oneLine) return { kind: 'text', most: maxLength, mayBeEmpty };
  const type = format === 'email' ? 'email' : autocomplete === 'tel' ? 'tel' : undefined;
  return { kind: 'line', most: maxLength, mayBeEmpty, ...(type ? { type } : {}) };
}

const choicesOf = ({ enum: codes = [], choices }: Schema): Choice[] =>
  codes.map((value) => ({ value, text: choices?.[value] ?? { vi: value, en: value } }));
