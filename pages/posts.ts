import { randomUUID } from 'node:crypto';
import { csrfSync } from 'csrf-sync';
import express, { type Request, type RequestHandler } from 'express';
import { Refusal } from '../records/refusal.ts';

const token = csrfSync({
  getTokenFromRequest: (req) => fieldsOf(req)['_csrf'],
});

/** Fields of a form of ours that are about the form, not about what was filled in. */
export interface FormMarks {
  csrf: string;
  /** Makes the form an act that happens once, however often it is sent. */
  key: string;
}

/** The hidden fields of a form on a page that is being made; begins the session if there is none yet. */
export const marksFor = (req: Request): FormMarks => ({
  csrf: token.generateToken(req),
  key: randomUUID(),
});

/** Reads what a form of a page sends, as texts. */
const readForm = express.urlencoded({ extended: false, limit: '512kb', parameterLimit: 5_000 });

/**
 * Accepts a form that was made for this session, and takes its marks out of the body; the act's key is where a program
 * would send it.
 *
 * @throws Refusal `stale-form` for a form of another session, or of none
 */
export function takeMarks(req: Request): void {
  const { _csrf, _key, ...filled } = fieldsOf(req);
  if (!token.isRequestValid(req))
    throw new Refusal(
      'stale-form',
      'Biểu mẫu đã cũ, hãy tải lại trang rồi gửi lại · The form is out of date: load the page again and send it once more',
    );
  if (typeof _key === 'string') req.headers['idempotency-key'] = _key;
  req.body = filled;
}

/** What every act of a page begins with: its form is read and must be one of ours. */
export const formPost: RequestHandler = (req, res, next) => {
  readForm(req, res, (error?: unknown) => {
    if (error) {
      next(error);
      return;
    }
    try {
      takeMarks(req);
    } catch (refusal) {
      next(refusal);
      return;
    }
    next();
  });
};

export type FormBody = Record<string, string | string[] | undefined>;

/** The fields of a form as they were sent. */
export const fieldsOf = (req: Request): FormBody & { _csrf?: string; _key?: string } =>
  (req.body ?? {}) as FormBody;

/** One field of a form as a text, empty where it is missing. */
export function fieldOf(req: Request, name: string): string {
  const given = fieldsOf(req)[name];
  return (Array.isArray(given) ? given[0] : given) ?? '';
}
