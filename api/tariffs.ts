import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { agencyCode } from '../records/calendar-rows.ts';
import { listAgencies } from '../records/city.ts';
import type { Database, Transaction } from '../records/db.ts';
import { listTariffEditions, previewRate, setRate, type RateKey } from '../records/fees.ts';
import { Refusal } from '../records/refusal.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { everybody, may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, anybody, json, refused, Text } from './schemas.ts';
import { procedureCode, WhyChanged } from './windows.ts';

const item = z.string().max(100).default('').meta({
  description: 'What the amount is for, of a fee that has items; empty otherwise',
});
const Key = z.object({
  procedureCode,
  agency: agencyCode,
  validFrom: z.iso.date().meta({ description: 'The local day from which it holds; later than today' }),
});
const Item = z.object({ item });
export const RateFacts = z.strictObject({
  amount: z.int().min(0).max(2_000_000_000).nullable().meta({
    description: 'In đồng, for a unit of the item; null: what the procedure itself says',
  }),
  legalBasis: z.string().trim().min(1).max(500),
  reason: WhyChanged,
});
const Because = z.strictObject({ reason: WhyChanged });
const Edition = z
  .object({
    ...Key.shape,
    item: z.string(),
    agencyName: Text,
    amount: z.int().nullable(),
    legalBasis: z.string(),
    until: z.iso.date().nullable().meta({ description: 'The day on which another takes its place' }),
  })
  .meta({ id: 'TariffEdition' });
const Editions = z.object({ items: z.array(Edition) });
const Preview = z
  .object({
    before: Edition.nullable(),
    unpaid: z.int().meta({
      description: 'Open cases there that have not paid; what was asked of them already stays',
    }),
  })
  .meta({ id: 'TariffPreview' });
const Changed = z.object({ change: z.int().nullable() }).meta({ id: 'TariffChanged' });

const one = '/api/v1/tariffs/{procedureCode}/{agency}/{validFrom}';
const body = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/tariffs': {
    get: {
      summary: 'What agencies charge where it differs from the procedure’s own fee: what was, is and will be',
      security: anybody,
      responses: { 200: json('The tariffs', Editions), default: refused },
    },
  },
  [one]: {
    get: {
      summary: 'What a rate from that day would take the place of; admins only',
      requestParams: { path: Key, query: Item },
      responses: { 200: json('Before, and whom it meets', Preview), default: refused },
    },
    put: {
      summary: 'Set what an agency charges from a day on; admins only',
      requestParams: { path: Key, query: Item, header: actHeader },
      requestBody: body(RateFacts),
      responses: { 200: json('The change', Changed), default: refused },
    },
    delete: {
      summary: 'Take a rate back before it begins; admins only',
      requestParams: { path: Key, query: Item, header: actHeader },
      requestBody: body(Because),
      responses: { 200: json('The change', Changed), default: refused },
    },
  },
};

/** What agencies charge, and from when: everybody reads it, admins set what is to come. */
export function tariffs(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db } = deps;
  const router = Router();
  const address = '/api/v1/tariffs/:procedureCode/:agency/:validFrom';

  router.get('/api/v1/tariffs', everybody, async (_req, res) => {
    res.json(Editions.parse({ items: await listTariffEditions(db) }));
  });

  router.get(address, may('read', 'administration'), async (req, res) => {
    const key = { ...checkAddress(req, Key, req.params), ...checkAddress(req, Item, req.query) };
    await checkRate(deps, db, key);
    const { before, unpaid } = await previewRate(db, key);
    res.json(Preview.parse({ before: before ?? null, unpaid }));
  });

  router.put(address, may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const key = { ...checkAddress(req, Key, req.params), ...checkAddress(req, Item, req.query) };
      const { reason, ...rate } = checkForm(req, RateFacts, req.body);
      await checkRate(deps, by.trx, key);
      return { status: 200, body: await setRate(by.trx, { ...by, reason }, key, rate) };
    });
    res.status(status).json(Changed.parse(body));
  });

  router.delete(address, may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const key = { ...checkAddress(req, Key, req.params), ...checkAddress(req, Item, req.query) };
      const { reason } = checkForm(req, Because, req.body);
      const done = await setRate(by.trx, { ...by, reason }, key, null);
      if (done.change === null)
        throw new Refusal('not-found', 'Không có mức thu này · There is no such rate');
      return { status: 200, body: done };
    });
    res.status(status).json(Changed.parse(body));
  });

  return router;
}

/**
 * Checks that a rate is of a procedure that has a fee, of an agency that there is, and of an item of that fee.
 *
 * @throws Refusal `invalid-form`
 */
export async function checkRate(
  { procedures }: Pick<Deps, 'procedures'>,
  db: Database | Transaction,
  { procedureCode: code, agency, item: named }: RateKey,
): Promise<void> {
  const editions = [...procedures.values()].filter((each) => each.code === code);
  const errors: { pointer: string; detail: string }[] = [];
  if (!editions.some(({ fee }) => fee))
    errors.push({
      pointer: '/procedureCode',
      detail: 'Không có thủ tục này, hoặc thủ tục không thu phí · No such procedure, or it has no fee',
    });
  else if (!editions.some((each) => itemsOf(each).includes(named)))
    errors.push({
      pointer: '/item',
      detail: 'Phí của thủ tục này không có khoản đó · Its fee has no such item',
    });
  if (!(await listAgencies(db)).some((each) => each.code === agency))
    errors.push({ pointer: '/agency', detail: 'Không có cơ quan này · There is no such agency' });
  if (errors.length > 0)
    throw new Refusal('invalid-form', 'Mức thu chưa đúng · The rate is not right', errors);
}

/** The items of a procedure's fee: `''` for a fee without any, nothing for no fee. */
export function itemsOf({ fee }: Procedure): string[] {
  if (!fee) return [];
  return typeof fee.amount === 'number' ? [''] : Object.keys(fee.amount);
}
