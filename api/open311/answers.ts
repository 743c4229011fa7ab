import type { Request, Response } from 'express';
import { z } from 'zod';
import { Refusal, refusals } from '../../records/refusal.ts';
import { TooManyRequests } from '../errors.ts';
import type { Language } from '../language.ts';
import { writeXml, type Node } from './xml.ts';

/** The two formats, by the ending of the address. */
export const formats = ['json', 'xml'] as const;
export type Format = (typeof formats)[number];

/** What of a path is an id and what says the format: `requests/H29.22-261123-0001.xml`. */
export function split(path: string): { id: string; format: Format | undefined } {
  const ending = formats.find((format) => path.endsWith(`.${format}`));
  return { id: ending ? path.slice(0, -ending.length - 1) : path, format: ending };
}

/** The format of an answer: that of the address, else what the program accepts, else XML, which the specification requires. */
export const formatOf = (req: Request, named: Format | undefined): Format =>
  named ??
  (req.accepts(['text/xml', 'application/xml', 'application/json']) === 'application/json' ? 'json' : 'xml');

/** How lists and their items are called in XML; in JSON the list of an answer stands for itself. */
const items = {
  services: 'service',
  service_requests: 'request',
  attributes: 'attribute',
  values: 'value',
  endpoints: 'endpoint',
  formats: 'format',
  errors: 'error',
};

/** Sends an answer in its format. */
export function send(
  res: Response,
  format: Format,
  root: keyof typeof items | 'service_definition' | 'discovery',
  content: Node,
): void {
  res.set('Cache-Control', 'no-store');
  if (format === 'json') res.type('application/json').send(JSON.stringify(content));
  else res.type('text/xml').send(writeXml(root, content, items));
}

/** A mistake in the words of Open311: its HTTP status is its code. */
export class Open311Error extends Error {
  readonly errors: readonly { code: number; description: string }[];

  constructor(code: number, ...descriptions: string[]) {
    super(descriptions.join('; '));
    this.errors = descriptions.map((description) => ({ code, description }));
  }
}

/** Sends a mistake in its format; what is none of the program's doing is told without its inside. */
export function sendError(res: Response, format: Format, error: unknown, language: Language): boolean {
  const told = errorsIn(error, language);
  if (!told) return false;
  res.status(told[0]?.code ?? 400);
  send(res, format, 'errors', [...told]);
  return true;
}

function errorsIn(error: unknown, language: Language): Open311Error['errors'] | undefined {
  const say = (both: string) => both.split(' · ')[language === 'vi' ? 0 : 1] ?? both;
  if (error instanceof Open311Error)
    return error.errors.map(({ code, description }) => {
      // The name of the argument stands before what is wrong with it in two languages.
      const [, name = '', what = ''] = /^(.*?: )(.*)$/s.exec(description) ?? [];
      return { code, description: name + say(what) };
    });
  if (error instanceof TooManyRequests) return [{ code: 429, description: say(error.message) }];
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => ({
      code: 400,
      description: `${path.join('.')}: ${message}`,
    }));
  if (!(error instanceof Refusal)) return undefined;
  // A form that is not right is what the specification calls a bad request.
  const status: number = error.type === 'invalid-form' ? 400 : refusals[error.type];
  const wrong = error.errors.map(({ pointer, detail }) => `${named(pointer)}: ${say(detail)}`);
  return (wrong.length > 0 ? wrong : [say(error.message)]).map((description) => ({
    code: status,
    description,
  }));
}

/** A place of our own form in the words of Open311. */
function named(pointer: string): string {
  const last = pointer.split('/').at(-1) ?? '';
  if (pointer.includes('/details/')) return `attribute[${last}]`;
  const names: Record<string, string> = {
    category: 'service_code',
    service: 'service_code',
    place: 'lat, long',
    lat: 'lat',
    lng: 'long',
    phone: 'phone',
    email: 'email',
    fullName: 'first_name, last_name',
  };
  return names[last] ?? last;
}
