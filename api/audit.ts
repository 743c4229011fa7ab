import { Router, type Response } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { searchRecord, type AuditEntry, type AuditQuery } from '../records/audit.ts';
import { localTime } from '../workflows/engine/legal-clock.ts';
import { may } from './abilities.ts';
import { checkAddress } from './check.ts';
import { csvLine, csvMark } from './csv.ts';
import type { Deps } from './deps.ts';
import { CaseCode, file, Instant, json, pageOf, Paging, refused } from './schemas.ts';

/** What an auditor may ask. */
export const Audit = z.object({
  case: CaseCode.optional(),
  actor: z.string().min(1).max(200).optional().meta({ description: 'Subject of whoever acted' }),
  event: z.string().min(1).max(100).optional(),
  since: z.iso.date().optional().meta({ description: 'Local day; a week ago without it' }),
  until: z.iso.date().optional().meta({ description: 'Local day, included; today without it' }),
});
const Query = Audit.extend(Paging.shape);
const Found = pageOf(
  z
    .object({
      case: CaseCode,
      number: z.int(),
      at: Instant,
      event: z.string(),
      actor: z.object({
        sub: z.string(),
        name: z.string().optional(),
        roles: z.array(z.string()),
        agency: z.string().optional(),
      }),
    })
    .meta({ id: 'AuditEntry' }),
);

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/audit': {
    get: {
      summary: 'Who did what, over the records of all cases; admins only',
      requestParams: { query: Query },
      responses: { 200: json('A page of entries, the latest first', Found), default: refused },
    },
  },
  '/api/v1/audit/csv': {
    get: {
      summary: 'The same as one file; admins only',
      requestParams: { query: Audit },
      responses: { 200: file('The entries', 'text/csv'), default: refused },
    },
  },
};

/** The search over the records of all cases. */
export function audit(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/audit', may('read', 'audit'), async (req, res) => {
    const { limit, cursor, ...asked } = checkAddress(req, Query, req.query);
    res.json(Found.parse(await searchRecord(deps.db, { ...periodOf(deps, asked), limit, cursor })));
  });

  router.get('/api/v1/audit/csv', may('read', 'audit'), async (req, res) => {
    await sendCsv(res, deps, periodOf(deps, checkAddress(req, Audit, req.query)));
  });

  return router;
}

const day = 86_400_000;

/** What is asked, over local days; the last week unless told. */
export function periodOf(
  { clock }: Pick<Deps, 'clock'>,
  { since: from, until: to, ...asked }: z.infer<typeof Audit>,
): Omit<AuditQuery, 'limit'> {
  const startOf = (local: string) => new Date(`${local}T00:00:00+07:00`);
  const now = clock.now();
  const since = from ? startOf(from) : new Date(now.getTime() - 7 * day);
  const until = to ? new Date(startOf(to).getTime() + day - 1) : now;
  return { ...asked, since, until };
}

const header = ['Lúc', 'Hồ sơ', 'Số', 'Sự kiện', 'Người', 'Mã định danh', 'Vai trò', 'Cơ quan'];

const cells = ({ at, case: code, number, event, actor }: AuditEntry) => [
  localTime(at),
  code,
  String(number),
  event,
  actor.name ?? '',
  actor.sub,
  actor.roles.join(' '),
  actor.agency ?? '',
];

/** Sends everything that was asked for, page by page as it is read. */
async function sendCsv(
  res: Response,
  { db }: Pick<Deps, 'db'>,
  asked: Omit<AuditQuery, 'limit'>,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await searchRecord(db, { ...asked, limit: 500, cursor });
    if (!res.headersSent) {
      res.type('text/csv').attachment('audit.csv');
      res.write(csvMark + csvLine(header));
    }
    for (const entry of page.items) res.write(csvLine(cells(entry)));
    cursor = page.next;
  } while (cursor !== undefined);
  res.end();
}
