import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { titled } from '../../api/schemas.ts';
import { checkRate, itemsOf, RateFacts } from '../../api/tariffs.ts';
import { WhyChanged } from '../../api/windows.ts';
import { listReceivingAgencies } from '../../records/city.ts';
import {
  listTariffEditions,
  mustBeToCome,
  previewRate,
  rateKeyOf,
  setRate,
  type RateKey,
  type TariffEdition,
} from '../../records/fees.ts';
import { localDay } from '../../records/local-day.ts';
import { Refusal } from '../../records/refusal.ts';
import { listChanges } from '../../records/setting-changes.ts';
import { undoSetting } from '../../records/undo-setting.ts';
import { proceduresInForce } from '../citizen/catalogue.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf as bodyOf, formPost } from '../posts.ts';
import { sayMoney } from '../words.ts';
import { tellChange } from './setting-history.ts';

/** What the page asks: the procedure with the item of its fee, as `code/item`. */
const Form = z.strictObject({
  of: z
    .string()
    .min(1)
    .meta({ ...titled('Phí, lệ phí của', 'Fee of'), widget: 'procedure' }),
  agency: z
    .string()
    .min(1)
    .meta({ ...titled('Cơ quan thu', 'Agency'), widget: 'agency' }),
  validFrom: z.iso.date().meta(titled('Áp dụng từ ngày', 'Holds from')),
  amount: z
    .int()
    .min(0)
    .max(2_000_000_000)
    .optional()
    .meta(
      titled('Mức thu, đồng (để trống: theo mức của thủ tục)', 'Amount in đồng (empty: the procedure’s own)'),
    ),
  legalBasis: RateFacts.shape.legalBasis.meta(titled('Căn cứ', 'Provision')),
  reason: WhyChanged,
});
const fields = fieldsOf(Form, '');
const Withdrawn = z.object({ rate: z.string().min(1).max(200), reason: WhyChanged });
const Edited = z.object({ rate: z.string().max(200).optional() });
const ChangePath = z.object({ id: z.coerce.number().int().min(1) });

/** What agencies charge, and how that changes from a day on: looked at first, undone until it begins. */
export function adminFees(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/admin/fees', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const today = localDay(clock.now());
    const editions = await listTariffEditions(db);
    const changes = await listChanges(db, { area: 'tariffs', limit: 50 });
    sendPage(req, res, 'admin/fees', {
      title: { vi: 'Phí, lệ phí', en: 'Fees' },
      wide: true,
      tariffs: editions.map((edition) => ({
        ...edition,
        agency: edition.agencyName[language],
        amount: sayAmount(edition.amount, language),
        state: stateOn(edition, today)[language],
        period: sayPeriod(edition),
        change: edition.validFrom > today && `/admin/fees/new?rate=${encodeURIComponent(subjectOf(edition))}`,
      })),
      history: changes.map((change) => {
        const { procedureCode, agency, item, validFrom } = rateKeyOf(change.subject);
        const since = language === 'vi' ? 'từ' : 'from';
        const title = `${procedureCode}${item && ` (${item})`}, ${agency}, ${since} ${sayDay(validFrom)}`;
        const undo = validFrom > today ? `/admin/fees/changes/${change.id}/undo` : undefined;
        return tellChange(change, telling(language), { title, undo, language });
      }),
      back: '/admin',
    });
  });

  router.get('/admin/fees/new', may('read', 'administration'), async (req, res) => {
    const { rate } = checkAddress(req, Edited, { rate: req.query['rate'] });
    const known = (await listTariffEditions(db)).find((each) => subjectOf(each) === rate);
    const { amount = undefined, ...facts } = known ?? {};
    const of = known && `${known.procedureCode}/${known.item}`;
    const filled = filledFrom(fields, { ...facts, of, ...(amount === null ? {} : { amount }) });
    await showForm(req, res, filled, noErrors);
  });

  router.post('/admin/fees/edit', may('change', 'administration'), formPost, async (req, res) => {
    await showForm(req, res, readFilled(fields, bodyOf(req)), noErrors);
  });

  router.post('/admin/fees/preview', may('change', 'administration'), formPost, async (req, res) => {
    const language = languageOf(req);
    await withForm(req, res, async (filled) => {
      const { key, rate } = checked(req, filled);
      mustBeToCome(key, clock.now());
      await checkRate(deps, db, key);
      const { before, unpaid } = await previewRate(db, key);
      const { procedure, agency } = await choices();
      sendPage(req, res, 'admin/fee-preview', {
        title: { vi: 'Kiểm tra mức thu mới', en: 'Check the new rate' },
        procedure: procedure[`${key.procedureCode}/${key.item}`]?.[language] ?? key.procedureCode,
        agency: agency[key.agency]?.[language] ?? key.agency,
        before: sayAmount(before?.amount ?? null, language),
        after: sayAmount(rate.amount, language),
        from: sayDay(key.validFrom),
        unpaid,
        sent: sentAgain(req),
        back: '/admin/fees/new',
      });
    });
  });

  router.post('/admin/fees', may('change', 'administration'), formPost, async (req, res) => {
    await withForm(req, res, async (filled) => {
      const { key, rate, reason } = checked(req, filled);
      const { body } = await act(deps, req, async (by) => {
        await checkRate(deps, by.trx, key);
        return { status: 200, body: await setRate(by.trx, { ...by, reason }, key, rate) };
      });
      await told(req, res, body);
    });
  });

  router.post('/admin/fees/withdraw', may('change', 'administration'), formPost, async (req, res) => {
    const { rate, reason } = checkForm(req, Withdrawn, {
      rate: fieldOf(req, 'rate'),
      reason: fieldOf(req, 'reason'),
    });
    const known = (await listTariffEditions(db)).find((each) => subjectOf(each) === rate);
    if (!known) throw new Refusal('not-found', 'Không có mức thu này · There is no such rate');
    const { body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await setRate(by.trx, { ...by, reason }, known, null),
    }));
    await told(req, res, body);
  });

  router.post('/admin/fees/changes/:id/undo', may('change', 'administration'), formPost, async (req, res) => {
    const { id } = checkAddress(req, ChangePath, req.params);
    const { body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await undoSetting(by.trx, by, id),
    }));
    await told(req, res, body);
  });

  async function withForm(
    req: Request,
    res: Response,
    work: (filled: Filled) => Promise<void>,
  ): Promise<void> {
    const filled = readFilled(fields, bodyOf(req));
    try {
      await work(filled);
    } catch (error) {
      await showForm(
        req,
        res.status(422),
        filled,
        errorsOf(atQuestions(error), fields, filled, languageOf(req)),
      );
    }
  }

  async function told(req: Request, res: Response, made: unknown): Promise<void> {
    const { change } = made as { change: number | null };
    await tellNext(req, {
      vi: 'Đã lưu mức thu.',
      en: 'The rate is kept.',
      undo: change === null ? undefined : `/admin/fees/changes/${change}/undo`,
    });
    res.redirect(303, '/admin/fees');
  }

  async function showForm(req: Request, res: Response, filled: Filled, errors: FormErrors): Promise<void> {
    const language = languageOf(req);
    const rate = typeof req.query['rate'] === 'string' ? req.query['rate'] : undefined;
    sendPage(req, res, 'admin/fee', {
      title: { vi: 'Đặt mức thu mới', en: 'Set a new rate' },
      form: renderFields(fields, { filled, errors: errors.byPointer, language, named: await choices() }),
      withdraw: rate && [{ title: 'rate', value: rate }],
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin/fees',
    });
  }

  /** Every fee that there is, item by item, and who may charge it. */
  async function choices() {
    const fees = proceduresInForce(deps).flatMap((procedure) =>
      itemsOf(procedure).map((item) => {
        const { vi, en } = procedure.title;
        const of = item && ` (${item})`;
        return [`${procedure.code}/${item}`, { vi: `${vi}${of}`, en: `${en}${of}` }] as const;
      }),
    );
    const agencies = (await listReceivingAgencies(db)).map(({ code, name }) => [code, name] as const);
    return { procedure: Object.fromEntries(fees), agency: Object.fromEntries(agencies) };
  }

  return router;
}

function checked(req: Request, filled: Filled) {
  const { of, agency, validFrom, amount, legalBasis, reason } = checkForm(
    req,
    Form,
    answersIn(fields, filled),
  );
  const [procedureCode = '', item = ''] = of.split('/');
  const key: RateKey = { procedureCode, item, agency, validFrom };
  return { key, rate: { amount: amount ?? null, legalBasis }, reason };
}

/** The page asks for procedure and item in one question. */
function atQuestions(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const errors = error.errors.map(({ pointer, detail }) => ({
    pointer: ['/procedureCode', '/item'].includes(pointer) ? '/of' : pointer,
    detail,
  }));
  return new Refusal(error.type, error.message, errors);
}

/** What was sent, to be sent again. */
const sentAgain = (req: Request) =>
  Object.entries(bodyOf(req)).flatMap(([title, value]) =>
    title.startsWith('/') && typeof value === 'string' ? [{ title, value }] : [],
  );

const subjectOf = ({ procedureCode, agency, item, validFrom }: RateKey) =>
  [procedureCode, agency, item, validFrom].join('/');
const sayDay = (day: string) => day.split('-').reverse().join('/');

function sayAmount(amount: number | null, language: Language): string {
  if (amount !== null) return sayMoney(amount, language);
  return language === 'vi' ? 'Theo mức của thủ tục' : 'The procedure’s own fee';
}

/** The file of the city says rates without a day: they have always held. */
function sayPeriod({ validFrom, until }: TariffEdition): string {
  const from = validFrom > '1900-01-01' ? sayDay(validFrom) : '';
  return from || until ? `${from} – ${until ? sayDay(until) : ''}` : '';
}

function stateOn({ validFrom, until }: TariffEdition, today: string): { vi: string; en: string } {
  if (validFrom > today) return { vi: 'Sắp tới', en: 'To come' };
  return until !== null && until <= today ? { vi: 'Đã qua', en: 'Over' } : { vi: 'Đang áp dụng', en: 'Now' };
}

const telling = (language: Language) => ({
  titles: {
    amount: { vi: 'Mức thu', en: 'Amount' },
    legalBasis: { vi: 'Căn cứ', en: 'Provision' },
  },
  value: (name: string, value: unknown) =>
    name === 'amount' ? sayAmount(value as number | null, language) : String(value),
});
