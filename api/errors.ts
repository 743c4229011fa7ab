import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { Refusal, refusals, type FieldError } from '../records/refusal.ts';
import { fieldErrors } from './check.ts';
import { languageOf, type Language } from './language.ts';
import { StepUpNeeded } from './step-up.ts';

/** Every kind of problem that the API answers with: its HTTP status and its title; the `type` is `/problems/<kind>`. */
const problems = {
  'not-found': [refusals['not-found'], 'Không tìm thấy', 'Not found'],
  'not-signed-in': [refusals['not-signed-in'], 'Chưa đăng nhập', 'Not signed in'],
  'session-ended': [refusals['session-ended'], 'Phiên làm việc đã kết thúc', 'Your session has ended'],
  'step-up-needed': [
    refusals['step-up-needed'],
    'Cần xác thực lại trước khi ký',
    'Prove again who you are before you sign',
  ],
  'identity-level': [
    refusals['identity-level'],
    'Mức định danh chưa đủ',
    'Your electronic identity is not of that level',
  ],
  'wrong-code': [refusals['wrong-code'], 'Mã không đúng', 'Not the right code'],
  'wrong-role': [refusals['wrong-role'], 'Không đúng vai trò', 'Not your role'],
  'wrong-agency': [refusals['wrong-agency'], 'Thuộc cơ quan khác', 'Another agency’s'],
  'not-yours': [refusals['not-yours'], 'Không phải của bạn', 'Not yours'],
  'same-person': [refusals['same-person'], 'Phải do người khác thực hiện', 'Another person must do this'],
  'invalid-form': [refusals['invalid-form'], 'Thông tin chưa đúng', 'The form is not right'],
  'invalid-request': [refusals['invalid-request'], 'Yêu cầu không hợp lệ', 'The request is not valid'],
  'unknown-upload': [refusals['unknown-upload'], 'Không có tệp đã tải lên', 'Unknown upload'],
  'missing-papers': [refusals['missing-papers'], 'Thiếu giấy tờ', 'Papers are missing'],
  'wrong-file-type': [
    refusals['wrong-file-type'],
    'Loại tệp không được nhận',
    'This kind of file is not taken',
  ],
  'file-too-large': [refusals['file-too-large'], 'Tệp quá lớn', 'The file is too large'],
  'task-closed': [refusals['task-closed'], 'Việc đã kết thúc', 'The task is closed'],
  'case-decided': [refusals['case-decided'], 'Hồ sơ đã được quyết định', 'The case has been decided'],
  'case-open': [refusals['case-open'], 'Hồ sơ chưa kết thúc', 'The case has not ended'],
  'out-of-force': [refusals['out-of-force'], 'Văn bản không còn hiệu lực', 'No longer in force'],
  'application-over': [refusals['application-over'], 'Đơn không còn chờ ký', 'The application waits no more'],
  'claimed-by-another': [
    refusals['claimed-by-another'],
    'Người khác đã nhận việc',
    'Claimed by another person',
  ],
  'nobody-available': [refusals['nobody-available'], 'Không có ai để giao', 'Nobody is available'],
  'day-gone-by': [refusals['day-gone-by'], 'Ngày đã qua', 'The day has gone by'],
  'undo-over': [refusals['undo-over'], 'Không còn hoàn tác được', 'Too late to undo'],
  'remitted-before': [refusals['remitted-before'], 'Khoản thu đã nộp ngân sách', 'Remitted before'],
  'unknown-person': [refusals['unknown-person'], 'Không tìm thấy người này', 'Unknown person'],
  'procedure-not-in-force': [refusals['procedure-not-in-force'], 'Thủ tục không có hiệu lực', 'Not in force'],
  'not-amendable': [refusals['not-amendable'], 'Không sửa được hồ sơ', 'The application cannot be changed'],
  'filing-closed': [refusals['filing-closed'], 'Hiện không nhận hồ sơ', 'Applications are not taken now'],
  'not-offered': [refusals['not-offered'], 'Không có dịch vụ này ở đây', 'Not offered here'],
  'no-stand-in': [refusals['no-stand-in'], 'Không bỏ qua được', 'This cannot be skipped'],
  'no-place-left': [refusals['no-place-left'], 'Đã nhận đủ hồ sơ', 'All places are taken'],
  'too-many-reports': [refusals['too-many-reports'], 'Đã phản ánh nhiều hôm nay', 'Too many reports today'],
  'stale-form': [refusals['stale-form'], 'Biểu mẫu đã cũ', 'The form is out of date'],
  'key-missing': [refusals['key-missing'], 'Thiếu Idempotency-Key', 'Idempotency-Key is missing'],
  'key-reused': [refusals['key-reused'], 'Idempotency-Key đã dùng', 'Idempotency-Key was used before'],
  'not-ready': [refusals['not-ready'], 'Chưa sẵn sàng, hãy thử lại', 'Not ready, try again'],
  'too-many-requests': [429, 'Quá nhiều yêu cầu', 'Too many requests'],
  internal: [500, 'Lỗi của hệ thống', 'An error of this system'],
} as const satisfies Record<
  keyof typeof refusals | 'too-many-requests' | 'internal',
  readonly [number, string, string]
>;

type ProblemKind = keyof typeof problems;

/** A problem as RFC 9457 writes it. */
export const Problem = z
  .object({
    type: z.string().meta({ example: '/problems/invalid-form' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'JSON Pointer (RFC 6901)' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

/** Thrown when somebody asks more often than one person can need. */
export class TooManyRequests extends Error {}

/** A problem before it is worded for a program or a person. */
export interface Told {
  kind: ProblemKind;
  detail?: string;
  errors?: FieldError[];
}

/** Answers an address that nothing serves. */
export const notFound: RequestHandler = () => {
  throw new Refusal('not-found', 'Không có địa chỉ này · There is nothing at this address');
};

/** Turns everything that was thrown into problem+json; what is not a known problem is logged and told without its inside. */
export function answerProblems(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, req, res, next) => {
    const told = toldOf(log, req, error);
    if (error instanceof StepUpNeeded && !res.headersSent) res.set('WWW-Authenticate', error.challenge);
    if (res.headersSent) res.destroy();
    else answer(res, told, languageOf(req));
  };
}

/** What a problem is, for whoever has to word it; the log gets what is none of the caller's doing. */
export function toldOf(log: Logger, req: Request, error: unknown): Told {
  const told = tell(error);
  // Never the request: body-parser's errors carry the body that they could not read.
  if (told.kind === 'internal') log.error({ route: routeOf(req), ...innards(error) }, 'a request failed');
  return told;
}

/** Status and title of a kind of problem. */
export function problemWords(kind: ProblemKind): { status: number; title: { vi: string; en: string } } {
  const [status, vi, en] = problems[kind];
  return { status, title: { vi, en } };
}

/** The pattern of the route that took a request, for logs and metrics; never the address itself. */
export function routeOf(req: Request): string {
  const route = req.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : req.baseUrl || 'none';
}

function answer(res: Response, { kind, detail, errors }: Told, language: Language): void {
  const [status, vi, en] = problems[kind];
  if (status === 401) res.set('WWW-Authenticate', 'Bearer');
  if (status === 503) res.set('Retry-After', '5');
  const problem: z.infer<typeof Problem> = {
    type: `/problems/${kind}`,
    title: language === 'vi' ? vi : en,
    status,
    ...(detail ? { detail } : {}),
    ...(errors && errors.length > 0 ? { errors } : {}),
  };
  res.status(status).set({ 'Content-Language': language, 'Cache-Control': 'no-store' });
  res.type('application/problem+json').send(JSON.stringify(problem));
}

function tell(error: unknown): Told {
  if (error instanceof Refusal) return { kind: error.type, detail: error.message, errors: error.errors };
  if (error instanceof z.ZodError) return { kind: 'invalid-form', errors: fieldErrors(error) };
  if (error instanceof TooManyRequests) return { kind: 'too-many-requests', detail: error.message };
  if (databaseIsAway(error)) return { kind: 'not-ready' };
  const { status, type, code } = error as { status?: unknown; type?: unknown; code?: unknown };
  if (code === 'LIMIT_FILE_SIZE' || status === 413) return { kind: 'file-too-large' };
  if (typeof code === 'string' && /^LIMIT_|^MISSING_FIELD|^INVALID_FIELD/.test(code))
    return { kind: 'invalid-request' };
  if (type === 'entity.parse.failed')
    return { kind: 'invalid-request', detail: 'Nội dung không phải JSON · The body is not JSON' };
  if (typeof status === 'number' && status >= 400 && status < 500) return { kind: 'invalid-request' };
  return { kind: 'internal' };
}

/** SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown), 40 (try again) and the driver's own words for them. */
function databaseIsAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '' } = error as { code?: string };
  return (
    /^(08...|53...|57P..|40001|40P01|55P03|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/.test(code) ||
    error.name === 'KnexTimeoutError' ||
    /Connection terminated|Client has encountered a connection error|timeout expired|Query read timeout/.test(
      error.message,
    )
  );
}

/** Name, code and stack: PostgreSQL's `detail` and knex's bindings may quote a person's data. */
function innards(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { thrown: typeof error };
  const { code } = error as { code?: unknown };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { error: error.name, code, frames };
}
