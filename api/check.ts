import type { Request } from 'express';
import { z } from 'zod';
import { Refusal, type FieldError } from '../records/refusal.ts';
import { languageOf, type Language } from './language.ts';

/**
 * Validates a body against its form.
 *
 * @param at JSON Pointer of the value inside the body, for forms that are a part of it
 * @throws Refusal `invalid-form` with a JSON Pointer to every wrong field
 */
export function checkForm<S extends z.ZodType>(req: Request, form: S, value: unknown, at = ''): z.output<S> {
  return checkFormIn(languageOf(req), form, value, at);
}

/** The same for a caller whose language is known otherwise. */
export function checkFormIn<S extends z.ZodType>(
  language: Language,
  form: S,
  value: unknown,
  at = '',
): z.output<S> {
  const parsed = form.safeParse(value, { error: messageIn(language) });
  if (parsed.success) return parsed.data;
  const detail = language === 'vi' ? 'Có thông tin chưa đúng' : 'Some of the information is wrong';
  throw new Refusal('invalid-form', detail, fieldErrors(parsed.error, at));
}

/**
 * Validates what the address says: path parameters or the query.
 *
 * @throws Refusal `invalid-request` with a JSON Pointer to every wrong parameter
 */
export function checkAddress<S extends z.ZodType>(req: Request, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value, { error: messageIn(languageOf(req)) });
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new Refusal('invalid-request', detail, fieldErrors(parsed.error));
}

/** Every wrong field with its JSON Pointer (RFC 6901). */
export function fieldErrors(error: z.ZodError, at = ''): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = at + issue.path.map(pointerStep).join('');
    if (issue.code !== 'unrecognized_keys') return [{ pointer: path, detail: issue.message }];
    return issue.keys.map((key) => ({ pointer: path + pointerStep(key), detail: issue.message }));
  });
}

const pointerStep = (step: PropertyKey) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;

type Message = z.core.$ZodErrorMap<z.core.$ZodIssue>;

/** The commonest mistakes in plain words; the rest in zod's own words for the language. */
function messageIn(language: Language): Message {
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const zodsOwn = (language === 'vi' ? z.locales.vi() : z.locales.en()).localeError;
  return (issue) => {
    const given: unknown = issue.input;
    if ((issue.code === 'invalid_type' || issue.code === 'invalid_value') && given === undefined)
      return say('Bắt buộc', 'This is required');
    if (issue.code === 'invalid_type' && issue.expected === 'number' && typeof given === 'string')
      return say('Nhập một số', 'Enter a number');
    if (issue.code === 'invalid_value' && issue.values.length > 1)
      return say('Chọn một trong các câu trả lời', 'Choose one of the answers');
    if (issue.code === 'too_small' && given === '')
      return say('Không được để trống', 'This must not be empty');
    if (issue.code === 'too_small' && issue.origin === 'number')
      return say(`Ít nhất là ${issue.minimum}`, `At least ${issue.minimum}`);
    if (issue.code === 'too_big' && issue.origin === 'number')
      return say(`Nhiều nhất là ${issue.maximum}`, `At most ${issue.maximum}`);
    if (issue.code === 'too_big' && issue.origin === 'string')
      return say(`Nhiều nhất ${issue.maximum} ký tự`, `At most ${issue.maximum} characters`);
    if (issue.code === 'invalid_format' && issue.format === 'date')
      return say('Ngày theo dạng 2026-07-01', 'A date such as 2026-07-01');
    if (issue.code === 'unrecognized_keys') return say('Không có mục này', 'There is no such field');
    return zodsOwn(issue);
  };
}
