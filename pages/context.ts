import type { Language } from '../api/language.ts';
import type { Procedure, Text } from '../workflows/engine/index.ts';
import { fieldsOf } from './form/fields.ts';
import { sayAnswers } from './form/summary.ts';
import { keyWords, valueWords } from './context-words.ts';
import { sayLimit, sayNumber } from './words.ts';

/** A part of what the performer of a task is shown: what it is, and what it says line by line. */
export interface ToldPart {
  title: string;
  lines: { label: string; value: string; alarming: boolean }[];
}

/** Shown in a place of their own. */
const elsewhere = new Set([
  ...['application', 'amount', 'reference', 'vietQr', 'consultation'],
  ...['entries', 'asker', 'emergency'],
]);

/** What only the story needs to know of an answer: a code whose name stands beside it, and how it goes on. */
const unsaid = new Set(['service', 'channel', 'sampled']);

/**
 * Words what a task was opened with: what agencies have answered, what colleagues have decided, what is missing. Answers to
 * tasks are worded by the form of the task, everything else by its names.
 */
export function tellContext(
  context: Readonly<Record<string, unknown>>,
  procedure: Procedure,
  language: Language,
): ToldPart[] {
  return Object.entries(context)
    .filter(([key, value]) => !elsewhere.has(key) && !isEmpty(value))
    .map(([key, value]) => tellPart(key, value, procedure, language))
    .filter(({ lines }) => lines.length > 0);
}

const unanswered = {
  vi: 'Hệ thống không trả lời: kiểm tra trên giấy tờ',
  en: 'The system gave no answer: look at the papers',
};

function tellPart(key: string, value: unknown, procedure: Procedure, language: Language): ToldPart {
  const task = procedure.tasks[key];
  const title = task?.title[language] ?? keyWords[key]?.[language] ?? key;
  if (task && isRecord(value)) {
    const lines = sayAnswers(fieldsOf(task.form, ''), value, language, procedure.names);
    return { title, lines: lines.map((line) => ({ label: line.title, value: line.value, alarming: false })) };
  }
  return { title, lines: linesOf(value, procedure, language, []) };
}

function linesOf(
  value: unknown,
  procedure: Procedure,
  language: Language,
  path: string[],
): ToldPart['lines'] {
  if (isEmpty(value)) return [];
  if (Array.isArray(value))
    return value.flatMap((each) =>
      isRecord(each) ? rowOf(each, procedure, language, path) : linesOf(each, procedure, language, path),
    );
  if (isText(value)) return [line(path, value[language], false)];
  // Of a stand-in nothing else is worth a line: nobody has found that anything is wrong.
  if (isRecord(value) && value['unanswered'] === true) return [line(path, unanswered[language], true)];
  if (isRecord(value))
    return Object.entries(value)
      .filter(([key]) => !unsaid.has(key))
      .flatMap(([key, inner]) =>
        linesOf(inner, procedure, language, [...path, keyWords[key]?.[language] ?? key]),
      );
  return [line(path, inWords(value, procedure, language), alarms(path, value, language))];
}

/** A row of a list on one line, under what it is about: a missing paper with its reason, an opinion, a planning rule. */
function rowOf(
  row: Record<string, unknown>,
  procedure: Procedure,
  language: Language,
  path: string[],
): ToldPart['lines'] {
  const { what, of, id, ...rest } = row;
  const about = [what, of, id].find((each) => typeof each === 'string');
  const label = about === undefined ? path : [nameOf(about, procedure)[language]];
  // A rule that an agency has checked says all of it in its note.
  if (isText(rest['note'])) return [line(label, rest['note'][language], rest['passed'] === false)];
  const said = Object.entries(rest)
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => {
      if (isText(value)) return value[language];
      const words =
        isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : inWords(value, procedure, language);
      return key === 'reason' ? words : `${keyWords[key]?.[language] ?? key}: ${words}`;
    })
    .join('; ');
  return [line(label, said, row['passed'] === false || row['opinion'] === 'object')];
}

const line = (path: string[], value: string, alarming: boolean) => ({
  label: path.join(' – '),
  value,
  alarming,
});

function nameOf(key: string, { names, consultations, tasks }: Procedure): Text {
  return names[key] ?? consultations?.of[key] ?? tasks[key]?.title ?? keyWords[key] ?? { vi: key, en: key };
}

function inWords(value: unknown, procedure: Procedure, language: Language): string {
  if (typeof value === 'boolean')
    return value ? (language === 'vi' ? 'có' : 'yes') : language === 'vi' ? 'không' : 'no';
  if (typeof value === 'number') return sayNumber(value, language);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (/^\d+(wh|wd|min|h|d)$/.test(value)) return sayLimit(value)[language];
  return (
    valueWords[value]?.[language] ??
    (Object.hasOwn(procedure.names, value) ? nameOf(value, procedure)[language] : value)
  );
}

/** What an officer must not overlook. */
const alarms = (path: string[], value: unknown, language: Language) =>
  value === false &&
  ['match', 'found', 'certificateMatches', 'ownerMatches'].some(
    (key) => path.at(-1) === keyWords[key]?.[language],
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is Text =>
  isRecord(value) && typeof value['vi'] === 'string' && typeof value['en'] === 'string';
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
