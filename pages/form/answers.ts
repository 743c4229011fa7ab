import type { FormBody } from '../posts.ts';
import type { Field } from './fields.ts';

/**
 * What was filled into a form, as texts by JSON Pointer: kept as typed, so that nothing is lost that is not right yet.
 * `<pointer>/#` counts the rows of a list.
 */
export type Filled = Record<string, string | string[]>;

/** JSON Pointer of the count of a list's rows. */
export const countOf = (list: string) => `${list}/#`;
/** A field of a row, where the row has a number. */
export const inRow = (field: Field, row: number): Field => ({
  ...field,
  pointer: field.pointer.replace('/*', `/${row}`),
  input:
    'fields' in field.input
      ? { ...field.input, fields: field.input.fields.map((inner) => inRow(inner, row)) }
      : field.input,
});

export const rowsOf = (filled: Filled, list: string) => Number(filled[countOf(list)] ?? 0);

const clean = (text: string) => text.normalize('NFC').trim();
const one = (value: string | string[] | undefined) => clean((Array.isArray(value) ? value[0] : value) ?? '');

/** Takes from what a browser sent the answers to some questions, and nothing else. */
export function readFilled(fields: readonly Field[], body: FormBody): Filled {
  return Object.assign({}, ...fields.map((field) => readField(field, body))) as Filled;
}

function readField({ pointer, input }: Field, body: FormBody): Filled {
  switch (input.kind) {
    case 'group':
      return readFilled(input.fields, body);
    case 'list':
      return readRows(pointer, input, body);
    case 'choices': {
      const given = body[pointer] ?? [];
      return { [pointer]: (Array.isArray(given) ? given : [given]).map(clean) };
    }
    case 'date':
      return { [pointer]: dateIn(pointer, body) };
    case 'point':
      return Object.fromEntries(
        ['lat', 'lng'].map((axis) => [`${pointer}/${axis}`, one(body[`${pointer}/${axis}`])]),
      );
    default:
      return { [pointer]: one(body[pointer]) };
  }
}

/** Rows that were left empty are not there; `_add` and `_remove` name the list or the row that is to come or to go. */
function readRows(list: string, { fields, most }: { fields: Field[]; most: number }, body: FormBody): Filled {
  const count = Math.min(Number(one(body[countOf(list)])) || 0, most);
  const removed = one(body['_remove']);
  const kept: Filled[] = [];
  for (let row = 0; row < count; row++) {
    const filled = readFilled(
      fields.map((field) => inRow(field, row)),
      body,
    );
    if (removed !== `${list}/${row}` && !isBlank(filled))
      kept.push(renumbered(filled, list, row, kept.length));
  }
  const added = one(body['_add']) === list && kept.length < most ? 1 : 0;
  return Object.assign({ [countOf(list)]: String(kept.length + added) }, ...kept) as Filled;
}

const renumbered = (filled: Filled, list: string, from: number, to: number): Filled =>
  Object.fromEntries(
    Object.entries(filled).map(([pointer, value]) => [
      `${list}/${to}${pointer.slice(`${list}/${from}`.length)}`,
      value,
    ]),
  );

const isBlank = (filled: Filled) => Object.values(filled).every((value) => value.length === 0);

/** Day, month and year as an ISO date; what is no date stays recognisable. */
function dateIn(pointer: string, body: FormBody): string {
  const part = (name: string) => one(body[`${pointer}-${name}`]);
  const [day, month, year] = [part('day'), part('month'), part('year')];
  if (!day && !month && !year) return '';
  return [year, month.padStart(month ? 2 : 0, '0'), day.padStart(day ? 2 : 0, '0')].join('-');
}

/** The parts of a date as they were typed. */
export function datePartsOf(value: string): { day: string; month: string; year: string } {
  const [year = '', month = '', day = ''] = value.split('-');
  return { day, month, year };
}

/**
 * Makes of what was filled in what the form's schema is to check: numbers, dates, rows. What is empty is left out, and so
 * is what was not asked. A text that is no number stays a text, for the schema to refuse.
 */
export function answersIn(fields: readonly Field[], filled: Filled): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const field of fields) {
    if (!isAsked(field, filled)) continue;
    const value = answerTo(field, filled);
    if (value !== undefined) answers[nameOf(field)] = value;
  }
  return answers;
}

const nameOf = ({ pointer }: Field) =>
  pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');

/** Whether a question is asked, by what was answered beside it. */
export function isAsked({ pointer, askedWhen }: Field, filled: Filled): boolean {
  if (!askedWhen) return true;
  const beside = filled[`${pointer.slice(0, pointer.lastIndexOf('/'))}/${askedWhen.field}`];
  return askedWhen.is.map(String).includes(String(beside ?? ''));
}

function answerTo(field: Field, filled: Filled): unknown {
  const { pointer, input } = field;
  const given = filled[pointer];
  const text = typeof given === 'string' ? given : '';
  switch (input.kind) {
    case 'group': {
      const answers = answersIn(input.fields, filled);
      return field.optional && isBlank(readBack(input.fields, filled)) ? undefined : answers;
    }
    case 'list':
      return Array.from({ length: rowsOf(filled, pointer) }, (_, row) =>
        answersIn(
          input.fields.map((inner) => inRow(inner, row)),
          filled,
        ),
      );
    case 'choices':
      return Array.isArray(given) ? given : [];
    case 'number':
      return text === '' ? undefined : numberIn(text);
    case 'yesNo':
      return text === '' ? undefined : text === 'true';
    case 'confirm':
      return text === 'true' ? true : undefined;
    case 'point':
      return pointIn(String(filled[`${pointer}/lat`] ?? ''), String(filled[`${pointer}/lng`] ?? ''));
    case 'line':
    case 'text':
      return text === '' && (field.optional || !input.mayBeEmpty) ? undefined : text;
    default:
      return text === '' ? undefined : text;
  }
}

/** What of a form was filled in, its presets aside: an optional part that says nothing new was left out. */
const readBack = (fields: readonly Field[], filled: Filled): Filled =>
  Object.fromEntries(
    Object.entries(filled).filter(
      ([pointer, value]) =>
        fields.some((field) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`)) &&
        !pointer.endsWith('/#') &&
        !presetsOf(fields).has(`${pointer}=${String(value)}`),
    ),
  );

const presetsOf = (fields: readonly Field[]) =>
  new Set(fields.map(({ pointer, preset }) => `${pointer}=${String(preset)}`));

/** A number as people write it, with a comma or a point before the fraction. */
function numberIn(text: string): number | string {
  const plain = text.replaceAll(/\s/g, '').replace(',', '.');
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : text;
}

const pointIn = (lat: string, lng: string) =>
  lat === '' && lng === '' ? undefined : { lat: numberIn(lat), lng: numberIn(lng) };

/** The opposite of {@link answersIn}: an answer as it would have been filled in. */
export function filledFrom(fields: readonly Field[], answers: Readonly<Record<string, unknown>>): Filled {
  return Object.assign(
    {},
    ...fields.map((field) => filledWith(field, answers[nameOf(field)] ?? field.preset)),
  ) as Filled;
}

function filledWith({ pointer, input }: Field, value: unknown): Filled {
  const record = (value ?? {}) as Record<string, unknown>;
  switch (input.kind) {
    case 'group':
      return filledFrom(input.fields, record);
    case 'list': {
      const rows = Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
      const each = rows.map((row, at) =>
        filledFrom(
          input.fields.map((inner) => inRow(inner, at)),
          row,
        ),
      );
      return Object.assign({ [countOf(pointer)]: String(rows.length) }, ...each) as Filled;
    }
    case 'choices':
      return { [pointer]: Array.isArray(value) ? value.map(String) : [] };
    case 'point':
      return { [`${pointer}/lat`]: said(record['lat']), [`${pointer}/lng`]: said(record['lng']) };
    default:
      return { [pointer]: said(value) };
  }
}

const said = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
