import type { z } from 'zod';

/** One thing that may be asked of an agency; everything that it publishes and checks follows from this. */
export interface Act<Question = unknown, Answer = unknown> {
  method: 'get' | 'post';
  /** Path as OpenAPI writes it, for example `/payment-orders/{reference}`. */
  path: string;
  summary: string;
  question?: z.ZodType<Question>;
  answer: z.ZodType<Answer>;
  status: 200 | 202;
  /** Whether an `Idempotency-Key` must be sent: the same key has one effect and gets the same answer. */
  keyed: boolean;
  /** Whether the case that the question serves must be named in `X-Case-Code`. */
  purposeBound: boolean;
  respond(question: Question, parameters: Record<string, string>): Answer;
}

/** A refusal, told as problem+json; the title says its kind, never whose data. */
export class Problem extends Error {
  readonly status: number;

  constructor(status: number, title: string) {
    super(title);
    this.status = status;
  }
}
