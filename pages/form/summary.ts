import type { Language } from '../../api/language.ts';
import type { Text } from '../../workflows/engine/index.ts';
import { inRow } from './answers.ts';
import type { Field } from './fields.ts';
import { sayNumber } from '../words.ts';

/** One answer in words, with the title that it stands under; parts of a group name the group first. */
export interface SaidAnswer {
  pointer: string;
  title: string;
  value: string;
}

/** Words the answers of a form, as who gave them and who reads them see them; what was not answered is left out. */
export function sayAnswers(
  fields: readonly Field[],
  answers: Readonly<Record<string, unknown>>,
  language: Language,
  named: Readonly<Record<string, Text>> = {},
): SaidAnswer[] {
  const say = (field: Field, value: unknown, under: string): SaidAnswer[] => {
    if (value === undefined || value === null || value === '') return [];
    const title = [under, field.title[language]].filter(Boolean).join(' – ');
    const { input, pointer } = field;
    if (input.kind === 'group')
      return input.fields.flatMap((inner) =>
        say(inner, (value as Record<string, unknown>)[lastOf(inner)], title),
      );
    if (input.kind === 'list')
      return (value as Record<string, unknown>[]).flatMap((row, at) =>
        input.fields
          .map((inner) => inRow(inner, at))
          .flatMap((inner) => say(inner, row[lastOf(inner)], `${title} ${at + 1}`)),
      );
    return [{ pointer, title, value: inWords(field, value, language, named) }];
  };
  return fields.flatMap((field) => say(field, answers[lastOf(field)], ''));
}

const lastOf = ({ pointer }: Field) =>
  pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');

/** One answer as a text. */
function inWords(
  { input }: Field,
  value: unknown,
  language: Language,
  named: Readonly<Record<string, Text>>,
): string {
  switch (input.kind) {
    case 'yesNo':
    case 'confirm':
      return value === true ? (language === 'vi' ? 'Có' : 'Yes') : language === 'vi' ? 'Không' : 'No';
    case 'choice':
    case 'choices': {
      const chosen = Array.isArray(value) ? value : [value];
      const named = chosen.map(
        (code) => input.choices.find(({ value }) => value === code)?.text[language] ?? String(code),
      );
      return named.join(', ') || '–';
    }
    case 'named':
      return named[String(value)]?.[language] ?? String(value);
    case 'number':
      return typeof value === 'number' ? sayNumber(value, language) : String(value);
    case 'date':
      return String(value).split('-').reverse().join('/');
    case 'point': {
      const { lat, lng } = value as { lat: number; lng: number };
      return `${lat}, ${lng}`;
    }
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
