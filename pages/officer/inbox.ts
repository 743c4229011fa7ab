import { Router, type Request, type Response } from 'express';
import { may } from '../../api/abilities.ts';
import { actorIn } from '../../api/auth.ts';
import type { Deps } from '../../api/deps.ts';
import { filterOf } from '../../api/inbox.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { officersFor } from '../../api/people.ts';
import { roles as allRoles, type Actor } from '../../records/actor.ts';
import { listAgencies } from '../../records/city.ts';
import { lentTo } from '../../records/delegations.ts';
import { listFilters } from '../../records/filters.ts';
import { atAGlance } from '../../records/glance.ts';
import { countQueues, listTasks, mostCounted, type QueueCounts } from '../../records/inbox.ts';
import type { TaskSummary } from '../../records/tasks.ts';
import type { Text } from '../../workflows/engine/index.ts';
import { assetAddress } from '../assets.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf, formPost } from '../posts.ts';
import { performer, sayNumber } from '../words.ts';
import { addressOf, narrowedBy, queryOf, questionsOf, type Narrowed } from './inbox-filter.ts';

const perPage = 50;
const looksLikeCode = /^(?=.*\d)[A-Za-z0-9.-]{2,40}$/;

/** What an officer can do now, the most urgent first; a list is an address, but for the name of an applicant. */
export function inbox(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  const editions = editionsByName(procedures);

  router.get('/inbox', may('read', 'inbox'), (req, res) => show(req, res, narrowedBy(req, req.query)));

  // A name must not stand in an address, so looking for it is a form that is sent.
  router.post('/inbox', may('read', 'inbox'), formPost, async (req, res) => {
    const { sought: _sought, ...fields } = fieldsOf(req);
    const asked = narrowedBy(req, fields);
    const sought = fieldOf(req, 'sought').trim().slice(0, 100);
    if (sought !== '' && !looksLikeCode.test(sought)) await show(req, res, asked, sought);
    else res.redirect(303, addressOf(queryOf(asked.narrowed, { code: sought || undefined })));
  });

  async function show(
    req: Request,
    res: Response,
    { narrowed, cursor }: ReturnType<typeof narrowedBy>,
    applicant?: string,
  ): Promise<void> {
    const actor = atAGlance(actorIn(req));
    const language = languageOf(req);
    const at = clock.now();
    const { agency } = narrowed;
    const asked = { ...filterOf(narrowed), applicant, at, limit: perPage, cursor };
    const [page, counts, filters, agencies, leads] = await Promise.all([
      listTasks(db, actor, asked),
      countQueues(db, actor, { at, agency }),
      listFilters(db, actor),
      scopesOf(actor),
      mayGive(actor, at),
    ]);
    const officers = leads && (agency ?? actor.agency) ? await officersFor(db, actor, agency) : [];
    const named = {
      agency: agencies,
      role: Object.fromEntries(
        (agency
          ? allRoles.filter((role) => role !== 'citizen' && role !== 'admin')
          : counts.map(({ role }) => role)
        ).map((role) => [role, performer(role)]),
      ),
      procedure: editions,
    };
    const query = queryOf(narrowed);
    const turn = (to: string | undefined) => (to ? addressOf(queryOf(narrowed, { cursor: to })) : '');
    sendPage(req, res, 'officer/inbox', {
      title: { vi: 'Việc cần làm', en: 'Inbox' },
      wide: true,
      items: page.items.map((item) => rowOf(item, language)),
      none: page.items.length === 0,
      counts: counts.map((count) => countOf(count, narrowed, language)),
      questions: questionsOf(narrowed, language, named),
      narrowed: Object.entries(narrowed).map(([name, value]) => ({ name, value })),
      area: narrowed.area ?? '',
      sought: applicant ?? narrowed.code ?? '',
      searched: applicant !== undefined,
      query,
      filters: filters.map(({ id, name, query, own, shared }) => ({
        id,
        name,
        href: addressOf(query),
        own,
        shared,
        current: query === queryOf(narrowed),
      })),
      mayShare: actor.agency !== undefined,
      leads,
      isAdmin: actor.roles.includes('admin'),
      officers: officers.map(({ sub, name, title }) => ({ sub, name, title: title ?? '' })),
      queue: leads ? narrowed.role : undefined,
      queueName: narrowed.role ? performer(narrowed.role)[language] : '',
      first: applicant === undefined ? turn(page.previous) : '',
      next: applicant === undefined ? turn(page.next) : '',
      nextCursor: applicant === undefined ? '' : (page.next ?? ''),
      live: applicant === undefined && actor.agency ? '/api/v1/live' : '',
      scripts: [assetAddress('live.js')],
    });
  }

  /** Whether somebody is shown the acts of who leads an agency; what they may do is asked when they do it. */
  async function mayGive(actor: Actor, at: Date): Promise<boolean> {
    const leading = (role: string) => role === 'head' || role === 'leader';
    if (actor.roles.some((role) => leading(role) || role === 'admin')) return true;
    return (await lentTo(db, actor, at)).some(({ role }) => leading(role));
  }

  /** Whose queues somebody may look at beside their own. */
  async function scopesOf({ roles, agency }: Actor): Promise<Record<string, Text>> {
    if (roles.includes('admin'))
      return Object.fromEntries((await listAgencies(db)).map(({ code, name }) => [code, name]));
    return agency ? { [agency]: { vi: 'Cả cơ quan', en: 'The whole agency' } } : {};
  }

  function rowOf(item: TaskSummary, language: Language) {
    const procedure = procedures.get(item.procedure);
    return {
      id: item.id,
      code: item.case,
      title: procedure?.tasks[item.task]?.title[language] ?? item.task,
      procedure: procedure?.title[language] ?? item.procedure,
      role: performer(item.role)[language],
      area: item.area,
      deadline: item.deadline,
      overdue: item.overdue || (item.deadline !== null && new Date(item.deadline) < clock.now()),
      fresh: !item.seen,
      claimedBy: item.claimedBy?.name,
      principal: item.for?.name,
    };
  }

  return router;
}

/** Every edition by its title, with the day from which it holds where another one has the same title. */
function editionsByName(procedures: Deps['procedures']): Record<string, Text> {
  const codes = [...procedures.values()].map(({ code }) => code);
  const isOneOfMany = (code: string) => codes.filter((each) => each === code).length > 1;
  return Object.fromEntries(
    [...procedures].map(([id, { code, title, effectiveFrom }]) => {
      const since = isOneOfMany(code) ? ` (${effectiveFrom})` : '';
      return [id, { vi: title.vi + since, en: title.en + since }];
    }),
  );
}

/** What lies in a queue, each number with the list that it counts. */
function countOf(count: QueueCounts, { agency }: Narrowed, language: Language) {
  const { role } = count;
  const list = (more: Partial<Narrowed>) => addressOf(queryOf({ agency, ...more, role: role as never }));
  const number = (value: number) => `${sayNumber(value, language)}${value === mostCounted ? '+' : ''}`;
  return {
    name: performer(role)[language],
    open: { text: number(count.open), href: list({}) },
    overdue: { text: number(count.overdue), href: list({ due: 'overdue' }), alarming: count.overdue > 0 },
    unseen: { text: number(count.unseen), href: list({ seen: 'no' }) },
    mine: { text: number(count.mine), href: list({ claimed: 'me' }) },
  };
}
