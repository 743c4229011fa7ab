import type { Decision } from './decision.ts';

type Names = Readonly<Record<string, { en: string }>>;

/** A line of an extract: what something is called in English, and what it is. */
export interface ExtractLine {
  label: string;
  value: string;
}

/**
 * Lists what a decision says of its applicant and what was applied for, in English words; names and texts stay as they are.
 *
 * @param names titles by JSON Pointer, of the applicant's block and of the application
 */
export function extractLines(
  { applicant, answers }: Pick<Decision, 'applicant' | 'answers'>,
  names: { applicant: Names; answers: Names },
): { applicant: ExtractLine[]; answers: ExtractLine[] } {
  return {
    applicant: linesOf(applicant, names.applicant),
    answers: linesOf(answers, names.answers),
  };
}

function linesOf(value: unknown, names: Names, pointer = '', labels: string[] = []): ExtractLine[] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value))
    return value.flatMap((each, index) => linesOf(each, names, pointer, [...labels, String(index + 1)]));
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([name, member]) => {
      const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return linesOf(member, names, at, [...labels, names[at]?.en ?? name]);
    });
  return [{ label: labels.join(' – '), value: said(value) }];
}

function said(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
