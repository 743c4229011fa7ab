import type { ErrorRequestHandler, Response } from 'express';
import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';
import type { Logger } from '../../log.ts';
import { problemWords, toldOf } from '../errors.ts';

/** Media type of FHIR as JSON. */
export const fhirJson = 'application/fhir+json';

type Code = OperationOutcomeIssue['code'];

/** Thrown where FHIR has an answer of its own for what is wrong. */
export class FhirProblem extends Error {
  readonly status: number;
  readonly issues: OperationOutcomeIssue[];

  constructor(status: number, code: Code, diagnostics: string, issues: OperationOutcomeIssue[] = []) {
    super(diagnostics);
    this.status = status;
    this.issues = issues.length > 0 ? issues : [{ severity: 'error', code, diagnostics }];
  }
}

/** Nothing here, or nothing that the reader may see: the two must not be told apart. */
export const nothingThere = () =>
  new FhirProblem(
    404,
    'not-found',
    'Không có, hoặc không có sự đồng ý nào cho phép xem · There is no such resource, or no consent that covers it',
  );

/** What FHIR calls the problems of this API; others are business rules. */
const codes: Readonly<Record<number, Code>> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-long',
  415: 'not-supported',
  429: 'throttled',
  500: 'exception',
  503: 'transient',
};

/** Answers every error below `/fhir` as an OperationOutcome; what is none of the caller's doing is logged without its inside. */
export function answerOutcomes(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (!/^\/fhir(\/|$)/.test(req.path)) return next(error);
    if (res.headersSent) return void res.destroy();
    if (error instanceof FhirProblem) return sendOutcome(res, error.status, error.issues);
    const { kind, detail, errors = [] } = toldOf(log, req, error);
    const { status, title } = problemWords(kind);
    const code = codes[status] ?? 'business-rule';
    if (status === 401) res.set('WWW-Authenticate', 'Bearer');
    if (status === 503) res.set('Retry-After', '5');
    const said = detail ?? `${title.vi} · ${title.en}`;
    const places = errors.map(({ pointer, detail: wrong }) => `${pointer}: ${wrong}`);
    const diagnostics = [said, ...places].join('; ');
    sendOutcome(res, status, [{ severity: status >= 500 ? 'fatal' : 'error', code, diagnostics }]);
  };
}

function sendOutcome(res: Response, status: number, issue: OperationOutcomeIssue[]): void {
  const outcome: OperationOutcome = { resourceType: 'OperationOutcome', issue };
  res.status(status).set('Cache-Control', 'no-store').type(fhirJson).send(JSON.stringify(outcome));
}
