import { createHmac, hkdfSync, randomInt } from 'node:crypto';
import { Router } from 'express';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { required } from '../config.ts';
import { Undelivered } from '../messaging/channels.ts';
import { messageOf, shortSms } from '../messaging/messages.ts';
import { recordOf } from '../records/case-timeline.ts';
import { caseStand } from '../records/case-views.ts';
import { keepPhoneCode, takePhoneCode } from '../records/phone-codes.ts';
import { countCall } from '../records/rate-limits.ts';
import { Refusal } from '../records/refusal.ts';
import type { Derivation } from '../workflows/engine/legal-clock.ts';
import { everybody } from './abilities.ts';
import { CaseView, explained, named, Next } from './cases.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { TooManyRequests } from './errors.ts';
import { limited } from './limits.ts';
import { anybody, CaseCode, Instant, json, refused, Text } from './schemas.ts';
import { concernsApplicant, isMilestone, sayEntry } from './timeline-words.ts';

/** A case code as people type it. */
const TypedCode = z.string().trim().toUpperCase().pipe(CaseCode);
export const AskForCode = z.strictObject({ case: TypedCode });
export const TypedIn = AskForCode.extend({
  code: z
    .string()
    .trim()
    .regex(/^\d{6}$/, 'Nhập 6 chữ số · Type in six digits')
    .meta({ description: 'The six digits from the phone' }),
});
const Path = z.object({ code: CaseCode });
const Opened = z
  .object({ token: z.string(), until: Instant })
  .meta({ id: 'TrackingToken', description: 'Goes into the header `Tracking-Token`; reads one case' });

const TrackedCase = CaseView.pick({
  code: true,
  procedure: true,
  agency: true,
  state: true,
  filedAt: true,
  dueAt: true,
  dueExplained: true,
  clock: true,
  closedAt: true,
  outcome: true,
  timeliness: true,
  waiting: true,
})
  .extend({
    next: z.array(Next.omit({ id: true, agency: true, claimed: true })),
    timeline: z.array(z.object({ at: Instant, text: Text, milestone: z.boolean() })),
  })
  .meta({ id: 'TrackedCase', description: 'Where a case stands, without anybody’s data' });
export type TrackedCase = z.infer<typeof TrackedCase>;

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/phone-codes': {
    post: {
      summary:
        'Ask for a code on the phone of the applicant; the answer does not tell whether there is such a case',
      security: anybody,
      requestBody: { content: { 'application/json': { schema: AskForCode } } },
      responses: { 202: { description: 'If there is such a case, a code is on its way' }, default: refused },
    },
  },
  '/api/v1/phone-codes/verify': {
    post: {
      summary: 'Change the code from the phone, once, for a token that reads where the case stands',
      security: anybody,
      requestBody: { content: { 'application/json': { schema: TypedIn } } },
      responses: { 200: json('The token, good for 30 minutes', Opened), default: refused },
    },
  },
  '/api/v1/tracking/{code}': {
    get: {
      summary: 'Where a case stands, for whoever typed in the code from its phone',
      security: anybody,
      requestParams: {
        path: Path,
        header: z.object({ 'tracking-token': z.string().max(1_000).optional() }),
      },
      responses: { 200: json('The case', TrackedCase), default: refused },
    },
  },
};

/** Following a case without signing in: by its code and a code on the applicant's phone. */
export function tracking(deps: Deps): Router {
  const router = Router();

  router.post('/api/v1/phone-codes', everybody, limited(deps, 'phone-code'), async (req, res) => {
    await sendPhoneCode(deps, checkForm(req, AskForCode, req.body).case);
    res.status(202).end();
  });

  router.post('/api/v1/phone-codes/verify', everybody, limited(deps, 'tracking'), async (req, res) => {
    res.json(Opened.parse(await openTracking(deps, checkForm(req, TypedIn, req.body))));
  });

  router.get('/api/v1/tracking/:code', everybody, limited(deps, 'tracking'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json(await trackedCase(deps, code, req.get('tracking-token')));
  });

  return router;
}

const minute = 60_000;
/** How often a code may be asked for one case: whoever does not have the phone cannot guess through it, nor ring it all day. */
const perCase = [
  { calls: 3, withinMs: 10 * minute },
  { calls: 10, withinMs: 24 * 60 * minute },
];

/**
 * Sends a code to the applicant's phone. It goes after the caller was answered, so that neither the answer nor its time
 * tells whether there is such a case; whoever gets none asks again.
 *
 * @throws Refusal `not-offered` where no SMS can be sent
 * @throws TooManyRequests after 3 for a case in 10 minutes, or 10 in a day
 */
export async function sendPhoneCode(deps: Deps, code: string): Promise<void> {
  const { db, clock, log, sms } = deps;
  if (!sms)
    throw new Refusal(
      'not-offered',
      'Hệ thống này không gửi tin nhắn; hãy đăng nhập để theo dõi hồ sơ · No SMS are sent here: sign in to follow your case',
    );
  for (const { calls, withinMs } of perCase) {
    const counted = await countCall(db, `phone-code:${withinMs}:${code}`, clock.now(), withinMs);
    if (counted.calls > calls)
      throw new TooManyRequests(
        'Đã yêu cầu quá nhiều mã cho hồ sơ này, hãy thử lại sau · Too many codes for this case: try again later',
      );
  }
  const send = async () => {
    const digits = String(randomInt(1_000_000)).padStart(6, '0');
    const hash = hashOf(deps, code, digits);
    const recipient = await keepPhoneCode(db, { code, hash, at: clock.now() });
    if (!recipient) return;
    const { body } = messageOf('phone-code', { code, digits });
    const text = shortSms(body, recipient.language);
    await sms({ to: recipient.phone, text, key: hash.toString('base64url') });
  };
  void send().catch((error: unknown) => {
    const why = error instanceof Undelivered ? error.failure : 'the code could not be kept';
    log.error({ case: code, why }, 'phone code not sent');
  });
}

/**
 * Opens the tracking of a case for half an hour with the code from the phone, which counts once.
 *
 * @throws Refusal `wrong-code` for another, a used, an old one or the sixth try, without telling which
 */
export async function openTracking(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  { case: code, code: digits }: z.infer<typeof TypedIn>,
): Promise<z.infer<typeof Opened>> {
  const at = deps.clock.now();
  if (!(await takePhoneCode(deps.db, { code, hash: hashOf(deps, code, digits), at })))
    throw new Refusal(
      'wrong-code',
      'Mã không đúng, đã dùng hoặc đã quá 10 phút; sau 5 lần nhập hãy yêu cầu mã mới · The code is wrong, used or older than 10 minutes; after 5 tries ask for a new one',
    );
  const until = new Date(at.getTime() + 30 * minute);
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(code)
    .setAudience(audience)
    .setIssuedAt(at)
    .setExpirationTime(until)
    .sign(secretFor(deps, 'tracking token'));
  return { token, until: until.toISOString() };
}

const audience = 'motcua:tracking';

/**
 * Tells where a case stands to whoever holds its tracking token.
 *
 * @throws Refusal `not-yours` without a token for this case that counts
 */
export async function trackedCase(
  deps: Pick<Deps, 'db' | 'clock' | 'config' | 'procedures'>,
  code: string,
  token: string | undefined,
): Promise<TrackedCase> {
  if ((await caseIn(deps, token)) !== code)
    throw new Refusal(
      'not-yours',
      'Hãy nhập mã gửi đến điện thoại của hồ sơ này · Type in the code from the phone of this case first',
    );
  const [stand, record] = await Promise.all([
    caseStand(deps.db, code, deps.clock.now()),
    recordOf(deps.db, code, true),
  ]);
  const procedure = deps.procedures.get(stand.procedure);
  return TrackedCase.parse({
    ...named(deps, stand),
    dueExplained: explained(stand.dueDerivation as Derivation | null),
    next: stand.next.map((step) => ({ ...step, title: procedure?.tasks[step.task]?.title })),
    timeline: record.filter(concernsApplicant).map((entry) => ({
      at: entry.at,
      text: sayEntry(entry, procedure),
      milestone: isMilestone(entry),
    })),
  });
}

/** The case that a token opens, if it counts now. */
async function caseIn(deps: Pick<Deps, 'clock' | 'config'>, token: string | undefined) {
  if (!token) return undefined;
  const checks = { audience, algorithms: ['HS256'], currentDate: deps.clock.now() };
  return jwtVerify(token, secretFor(deps, 'tracking token'), checks).then(
    ({ payload }) => payload.sub,
    () => undefined,
  );
}

/** Own secrets for each purpose out of the one that an installation keeps anyway. */
const secretFor = ({ config }: Pick<Deps, 'config'>, purpose: string) =>
  Buffer.from(hkdfSync('sha256', required(config, 'SESSION_SECRET'), '', `motcua ${purpose}`, 32));

const hashOf = (deps: Pick<Deps, 'config'>, code: string, digits: string) =>
  createHmac('sha256', secretFor(deps, 'phone code')).update(`${code}:${digits}`).digest();
