import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { roles } from '../records/actor.ts';
import { countQueues, listTasks, mostCounted, type InboxPage } from '../records/inbox.ts';
import type { InboxFilter } from '../records/inbox-filter.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { CaseCode, Instant, json, pageOf, Paging, Person, refused, Text } from './schemas.ts';

/** What every view of a task tells. */
export const summaryFields = {
  id: z.uuid(),
  case: CaseCode,
  procedure: z.string(),
  task: z.string(),
  title: Text.optional(),
  role: z.string(),
  agency: z.string().nullable(),
  state: z.enum(['open', 'done', 'expired', 'cancelled']),
  openedAt: Instant,
  deadline: Instant.nullable(),
  overdue: z.boolean(),
  claimedBy: Person.nullable(),
  seen: z.boolean().meta({ description: 'Whether an officer of its agency has opened it' }),
  area: z.string().nullable().meta({ description: 'Street, without the number of the house, and ward' }),
  for: Person.optional().meta({ description: 'In whose place you may perform it, as their substitute' }),
};
const TaskSummary = z.object(summaryFields).meta({ id: 'TaskSummary' });

/** How lists of tasks are narrowed and ordered, in addresses too; the name of an applicant never stands in an address. */
export const Narrowing = z.object({
  agency: z.string().min(1).max(40).optional().meta({
    description:
      'All queues of this agency, for its officers and admins; without it what you may perform yourself',
  }),
  role: z.enum(roles).optional(),
  name: z.string().max(100).optional(),
  case: CaseCode.optional(),
  procedure: z.string().max(100).optional(),
  claimed: z.enum(['me', 'none', 'others']).optional(),
  due: z
    .enum(['overdue', 'today', 'week'])
    .optional()
    .meta({ description: 'The local day, or the local week from Monday on' }),
  'due-before': z.iso.datetime({ offset: true }).optional(),
  seen: z.enum(['no']).optional().meta({ description: 'no: nobody of the agency has opened it' }),
  area: z.string().min(2).max(60).optional().meta({
    description: 'A part of the name of a ward or street, with or without diacritics',
  }),
  code: z
    .string()
    .regex(/^(?=.*\d)[A-Za-z0-9.-]{2,40}$/)
    .optional()
    .meta({
      description:
        'How the code of the case begins, with or without its agency and dashes: `261122-0001`, `2611220001`',
    }),
  order: z.enum(['deadline', 'opened', 'case']).default('deadline'),
});
const Query = Paging.extend(Narrowing.shape);
const Search = z
  .strictObject({
    ...Query.shape,
    applicant: z.string().min(1).max(100).meta({
      description: 'How words of the applicant’s name begin, with or without diacritics',
    }),
  })
  .meta({ id: 'TaskSearch' });
const Page = pageOf(TaskSummary).extend({
  previous: z.string().optional().meta({ description: '`cursor` of the page before' }),
});
const Count = z.int().min(0).max(mostCounted);
const Queues = z
  .object({
    items: z.array(
      z.object({
        agency: z.string(),
        role: z.string(),
        open: Count,
        overdue: Count,
        unseen: Count.meta({ description: 'Nobody of the agency has opened them' }),
        mine: Count.meta({ description: 'Claimed by you' }),
      }),
    ),
  })
  .meta({ id: 'Queues', description: `Counts end at ${mostCounted}, which means at least so many` });
const QueuesQuery = Narrowing.pick({ agency: true });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/tasks': {
    get: {
      summary: 'What you can do now, the most urgent first',
      requestParams: { query: Query },
      responses: { 200: json('A page of tasks', Page), default: refused },
    },
  },
  '/api/v1/queues/search': {
    post: {
      summary: 'The same, looked for by the name of the applicant, which must not stand in an address',
      requestBody: { content: { 'application/json': { schema: Search } } },
      responses: { 200: json('A page of tasks', Page), default: refused },
    },
  },
  '/api/v1/queues': {
    get: {
      summary: 'How much lies in each of your queues',
      requestParams: { query: QueuesQuery },
      responses: { 200: json('Counts of queues', Queues), default: refused },
    },
  },
};

/** Reads what a list is narrowed to, as records take it. */
export function filterOf({
  'due-before': before,
  ...filter
}: z.output<typeof Narrowing>): InboxFilter & { agency?: string | undefined } {
  return { ...filter, dueBefore: before === undefined ? undefined : new Date(before) };
}

/** Lists of tasks and what lies in the queues. */
export function inbox({ db, clock, procedures }: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const router = Router();

  router.get('/api/v1/tasks', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { limit, cursor, ...narrowing } = checkAddress(req, Query, req.query);
    const asked = { ...filterOf(narrowing), limit, cursor, at: clock.now() };
    res.json(told(await listTasks(db, actor, asked)));
  });

  router.post('/api/v1/queues/search', signedIn, async (req: Request, res) => {
    const actor = actorIn(req);
    const { limit, cursor, applicant, ...narrowing } = checkForm(req, Search, req.body);
    const asked = { ...filterOf(narrowing), applicant, limit, cursor, at: clock.now() };
    res.json(told(await listTasks(db, actor, asked)));
  });

  router.get('/api/v1/queues', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { agency } = checkAddress(req, QueuesQuery, req.query);
    res.json(Queues.parse({ items: await countQueues(db, actor, { at: clock.now(), agency }) }));
  });

  const told = ({ items, ...besides }: InboxPage) =>
    Page.parse({
      ...besides,
      items: items.map((item) => ({
        ...item,
        title: procedures.get(item.procedure)?.tasks[item.task]?.title,
      })),
    });

  return router;
}
