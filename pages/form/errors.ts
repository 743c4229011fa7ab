import type { Language } from '../../api/language.ts';
import { Refusal, type FieldError } from '../../records/refusal.ts';
import { inLanguage } from '../problems.ts';
import { inRow, rowsOf, type Filled } from './answers.ts';
import type { Field } from './fields.ts';
import { idOf } from './render.ts';

/** What is wrong with a form: by its question, and as the summary at the head of the page. */
export interface FormErrors {
  byPointer: Record<string, string>;
  summary: { text: string; href: string }[];
}

export const noErrors: FormErrors = { byPointer: {}, summary: [] };

/** Kinds of refusal that a form can be mended for; others are told on a page of their own. */
const mendable = ['invalid-form', 'missing-papers', 'unknown-upload', 'invalid-request', 'day-gone-by'];

/**
 * Words what a check has refused for the page with the form.
 *
 * @throws whatever is not about the form
 */
export function errorsOf(
  error: unknown,
  fields: readonly Field[],
  filled: Filled,
  language: Language,
): FormErrors {
  if (!(error instanceof Refusal) || !mendable.includes(error.type)) throw error;
  const pointers = new Set(pointersOf(fields, filled));
  const errors: FieldError[] =
    error.errors.length > 0 ? error.errors : [{ pointer: '', detail: error.message }];
  const byPointer: Record<string, string> = {};
  for (const { pointer, detail } of errors)
    byPointer[nearest(pointer, pointers)] ??= inLanguage(detail, language);
  const summary = Object.entries(byPointer).map(([pointer, text]) => ({
    text: `${titleAt(pointer, fields, filled, language)}${text}`,
    href: `#${idOf(pointer) || 'form'}`,
  }));
  return { byPointer, summary };
}

/** A problem inside an answer is told at the question whose answer it is. */
function nearest(pointer: string, known: ReadonlySet<string>): string {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (known.has(at)) return at;
  return '';
}

function titleAt(pointer: string, fields: readonly Field[], filled: Filled, language: Language): string {
  const title = allFields(fields, filled).find((field) => field.pointer === pointer)?.title[language];
  return title ? `${title}: ` : '';
}

const pointersOf = (fields: readonly Field[], filled: Filled) =>
  allFields(fields, filled).flatMap(({ pointer, input }) =>
    input.kind === 'point' ? [pointer, `${pointer}/lat`, `${pointer}/lng`] : [pointer],
  );

/** Every question with those of its groups and rows. */
export function allFields(fields: readonly Field[], filled: Filled): Field[] {
  return fields.flatMap((field): Field[] => {
    const { input, pointer } = field;
    if (input.kind === 'group') return [field, ...allFields(input.fields, filled)];
    if (input.kind !== 'list') return [field];
    const rows = Array.from({ length: rowsOf(filled, pointer) }, (_, row) =>
      allFields(
        input.fields.map((inner) => inRow(inner, row)),
        filled,
      ),
    );
    return [field, ...rows.flat()];
  });
}
