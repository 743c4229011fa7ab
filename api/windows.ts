import { isTakenInRounds } from '../workflows/catalogue.ts';
import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { agencyCode } from '../records/calendar-rows.ts';
import { channels } from '../records/channels.ts';
import { listAgencies } from '../records/city.ts';
import type { Database, Transaction } from '../records/db.ts';
import { filingState, mayPrepare, sayFiling } from '../records/filing-state.ts';
import { Refusal } from '../records/refusal.ts';
import {
  addWindow,
  changeWindow,
  listWindows,
  withdrawWindow,
  type WindowFacts,
} from '../records/windows.ts';
import { everybody, may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, anybody, Instant, json, refused, Text, titled } from './schemas.ts';

export const procedureCode = z
  .string()
  .regex(/^\d\.\d{6}$/, '1.013225')
  .meta({ example: '1.013225' });
const Offset = z.iso.datetime({ offset: true });
/** Texts that are shown in the language of their reader; ` · ` stands between languages. */
const shown = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .refine((text) => !text.includes(' · '), 'Không dùng dấu " · " · Do not use " · "');
export const WhyChanged = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .meta({ ...titled('Lý do', 'Reason'), description: 'Kept in the history' });

const facts = {
  from: Offset,
  to: Offset.nullable().meta({
    description: 'The first instant that no longer belongs to it; null: until it is ended',
  }),
  cap: z.int().min(1).max(10_000_000).nullable().default(null).meta({
    description: 'How many applications are taken; of openings',
  }),
  prepareBefore: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether an application may be prepared before it opens' }),
  counterToo: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether it also binds the counter and the post; otherwise online filing only' }),
  message: z.strictObject({ vi: shown, en: shown }).nullable().default(null).meta({
    description: 'Why it is closed; of closings',
  }),
};
const Facts = z.strictObject({ ...facts, reason: WhyChanged });
/** What an admin says of a new window. */
export const NewWindow = Facts.extend({
  kind: z.enum(['opening', 'closing']).meta({
    description:
      'An opening lets file while it lasts and closes the rest of the time; a closing stops filing while it lasts',
  }),
  procedureCode: procedureCode.nullable().meta({ description: 'null: every procedure; of closings only' }),
  agency: agencyCode.nullable().meta({ description: 'null: every agency' }),
}).meta({ id: 'NewFilingWindow' });

const Window = z
  .object({
    ...facts,
    id: z.uuid(),
    kind: NewWindow.shape.kind,
    procedureCode: procedureCode.nullable(),
    agency: z.string().nullable(),
    from: Instant,
    to: Instant.nullable(),
    taken: z.int().meta({ description: 'Applications that were filed in it' }),
    message: Text.nullable(),
  })
  .meta({ id: 'FilingWindow' });
const Windows = z.object({ items: z.array(Window) });
const Changed = z
  .object({
    id: z.uuid(),
    change: z.int().nullable().meta({ description: 'Its number in the history; null when nothing differs' }),
  })
  .meta({ id: 'FilingWindowChanged' });
const Because = z.strictObject({ reason: WhyChanged });
const Path = z.object({ id: z.uuid() });
const Asked = z.object({
  procedure: procedureCode,
  agency: agencyCode.optional().meta({ description: 'Without it, what holds for all agencies' }),
  channel: z.enum(channels).default('online'),
});
const State = z
  .object({
    state: z.enum(['open', 'unannounced', 'not-yet', 'full', 'over', 'closed']),
    mayPrepare: z.boolean().meta({ description: 'Whether an application may be begun online' }),
    said: Text.nullable(),
    window: Window.omit({ id: true }).nullable(),
  })
  .meta({ id: 'FilingState' });

const body = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/filing': {
    get: {
      summary:
        'Whether applications for a procedure are taken now, until when, and how many places are taken',
      security: anybody,
      requestParams: { query: Asked },
      responses: { 200: json('How filing stands', State), default: refused },
    },
  },
  '/api/v1/windows': {
    get: {
      summary: 'When applications are taken: openings with their caps, closings; admins only',
      responses: { 200: json('The windows, the earliest first', Windows), default: refused },
    },
    post: {
      summary: 'Set when applications are taken, or not; admins only',
      requestParams: { header: actHeader },
      requestBody: body(NewWindow),
      responses: { 201: json('The window', Changed), default: refused },
    },
  },
  '/api/v1/windows/{id}': {
    put: {
      summary: 'Change a window; what was filed in it stays filed and counted; admins only',
      requestParams: { path: Path, header: actHeader },
      requestBody: body(Facts),
      responses: { 200: json('The change', Changed), default: refused },
    },
    delete: {
      summary: 'Take a window away; admins only',
      requestParams: { path: Path, header: actHeader },
      requestBody: body(Because),
      responses: { 200: json('The change', Changed), default: refused },
    },
  },
};

/** When applications are taken: everybody may know, admins say. */
export function windows(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/api/v1/filing', everybody, async (req, res) => {
    const { procedure, agency, channel } = checkAddress(req, Asked, req.query);
    const at = clock.now();
    const known = await listWindows(db, procedure);
    const inRounds = isTakenInRounds(deps.procedures, procedure);
    const filing = filingState(known, { agency, channel, at, inRounds });
    const told = { said: sayFiling(filing) ?? null, window: filing.window ?? null };
    res.json(State.parse({ state: filing.state, mayPrepare: mayPrepare(known, at, inRounds), ...told }));
  });

  router.get('/api/v1/windows', may('read', 'administration'), async (_req, res) => {
    res.json(Windows.parse({ items: await listWindows(db) }));
  });

  router.post('/api/v1/windows', may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { reason, ...given } = checkForm(req, NewWindow, req.body);
      await checkWindow(deps, by.trx, given);
      return { status: 201, body: await addWindow(by.trx, { ...by, reason }, given) };
    });
    res.status(status).json(Changed.parse(body));
  });

  router.put('/api/v1/windows/:id', may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { id } = checkAddress(req, Path, req.params);
      const { reason, ...given } = checkForm(req, Facts, req.body);
      const [known] = (await listWindows(by.trx)).filter((each) => each.id === id);
      if (known) await checkWindow(deps, by.trx, { ...known, ...given });
      return { status: 200, body: await changeWindow(by.trx, { ...by, reason }, id, given) };
    });
    res.status(status).json(Changed.parse(body));
  });

  router.delete('/api/v1/windows/:id', may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { reason } = checkForm(req, Because, req.body);
      const { id } = checkAddress(req, Path, req.params);
      return { status: 200, body: await withdrawWindow(by.trx, { ...by, reason }, id) };
    });
    res.status(status).json(Changed.parse(body));
  });

  return router;
}

/**
 * Checks what the parts of a window say together, and that its procedure and agency exist.
 *
 * @throws Refusal `invalid-form`
 */
export async function checkWindow(
  { procedures }: Pick<Deps, 'procedures'>,
  db: Database | Transaction,
  given: WindowFacts,
): Promise<void> {
  const wrong: { pointer: string; detail: string }[] = [];
  const must = (holds: boolean, pointer: string, detail: string) => {
    if (!holds) wrong.push({ pointer, detail });
  };
  const codes = [...procedures.values()].map(({ code }) => code as string);
  const { kind, procedureCode: code, agency } = given;
  must(code === null || codes.includes(code), '/procedureCode', 'Không có thủ tục này · No such procedure');
  const agencies = await listAgencies(db);
  const known = agency === null || agencies.some((each) => each.code === agency);
  must(known, '/agency', 'Không có cơ quan này · There is no such agency');
  must(
    given.to === null || Date.parse(given.to) > Date.parse(given.from),
    '/to',
    'Phải sau lúc bắt đầu · Must be after the start',
  );
  if (kind === 'opening')
    must(
      code !== null,
      '/procedureCode',
      'Đợt nhận hồ sơ là của một thủ tục · An opening is for one procedure',
    );
  else {
    must(
      given.message !== null,
      '/message',
      'Cần lời nhắn bằng hai thứ tiếng · A text in both languages is needed',
    );
    must(given.cap === null, '/cap', 'Chỉ đợt nhận hồ sơ mới có số lượng tối đa · Only an opening has a cap');
  }
  if (wrong.length > 0)
    throw new Refusal('invalid-form', 'Đợt nhận hồ sơ chưa đúng · The window is not right', wrong);
}
