/**
 * Why an act was refused, each with its HTTP status: the one table that api/errors.ts renders.
 * A refusal is the caller's news, never the case's: nothing has been written when it is thrown.
 */
export const refusals = {
  'not-found': 404,
  'not-signed-in': 401,
  'session-ended': 401,
  'step-up-needed': 403,
  'identity-level': 403,
  'wrong-code': 422,
  'wrong-role': 403,
  'wrong-agency': 403,
  'not-yours': 403,
  'same-person': 403,
  'invalid-form': 422,
  'invalid-request': 400,
  'unknown-upload': 422,
  'missing-papers': 422,
  'wrong-file-type': 415,
  'file-too-large': 413,
  'task-closed': 409,
  'case-decided': 409,
  'case-open': 409,
  'out-of-force': 409,
  'application-over': 409,
  'claimed-by-another': 409,
  'nobody-available': 409,
  'day-gone-by': 409,
  'undo-over': 409,
  'remitted-before': 409,
  'unknown-person': 422,
  'procedure-not-in-force': 409,
  'filing-closed': 409,
  'not-amendable': 409,
  'not-offered': 409,
  'no-stand-in': 409,
  'no-place-left': 409,
  'too-many-reports': 429,
  'stale-form': 403,
  'key-missing': 400,
  'key-reused': 422,
  'not-ready': 503,
} as const;

export type RefusalType = keyof typeof refusals;

/** One wrong place in what was sent: a JSON Pointer (RFC 6901) and what is wrong there, in both languages. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** Thrown when an act may not happen; carries a type from {@link refusals} and, for forms, the wrong fields. */
export class Refusal extends Error {
  readonly type: RefusalType;
  readonly errors: FieldError[];

  constructor(type: RefusalType, detail: string, errors: FieldError[] = []) {
    super(detail);
    this.type = type;
    this.errors = errors;
  }
}

/** Asks whether an act may happen: gives what the guard gives, or why it refuses; any other error is thrown. */
export async function refusalOr<T>(asked: Promise<T>): Promise<T | Refusal> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
