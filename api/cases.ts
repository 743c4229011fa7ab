import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Actor } from '../records/actor.ts';
import { noteRead } from '../records/case-content.ts';
import { caseTimeline } from '../records/case-timeline.ts';
import { findCase, listCases } from '../records/case-views.ts';
import { channels } from '../records/channels.ts';
import { linksOf } from '../records/links.ts';
import { findPaper } from '../records/papers.ts';
import { caseStates, type CaseState } from '../workflows/engine/states.ts';
import { runsAlways, type Derivation, type Limit } from '../workflows/engine/legal-clock.ts';
import { sayDerivation } from '../workflows/engine/legal-clock-words.ts';
import { timelinessOf } from '../workflows/engine/timeliness.ts';
import { agenciesFor, signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { sendFile } from './files.ts';
import { Link } from './links.ts';
import {
  Agency,
  CaseCode,
  file,
  Instant,
  IssuedDocument,
  json,
  pageOf,
  Paging,
  refused,
  Text,
} from './schemas.ts';

const summaryFields = {
  code: CaseCode,
  procedure: z.object({ id: z.string(), code: z.string(), title: Text.optional() }),
  agency: Agency,
  state: z.object({ code: z.int().meta({ description: 'As the National Portal numbers them' }), name: Text }),
  filedAt: Instant,
  acceptedAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  clock: z.enum(['not-started', 'running', 'paused', 'stopped']),
  closedAt: Instant.nullable(),
  outcome: z.string().nullable(),
  channel: z.enum(channels).meta({ description: 'On which way it came' }),
  timeliness: z.string().meta({ description: 'Against the promised day: early, on-time, overdue, …' }),
};
const CaseSummary = z.object(summaryFields).meta({ id: 'CaseSummary' });

export const Next = z
  .object({
    id: z.uuid(),
    task: z.string(),
    title: Text.optional(),
    role: z.string(),
    agency: z.string().nullable(),
    deadline: Instant.nullable(),
    claimed: z.boolean(),
  })
  .meta({ description: 'Who acts next and what for' });

const Paper = z.object({
  number: z.int(),
  kind: z.string(),
  title: Text.optional(),
  fileName: z.string(),
  mediaType: z.string(),
  size: z.int(),
  sha256: z.string(),
  brought: z.string().nullable().meta({ description: 'How it was shown at the counter' }),
});

export const CaseView = z
  .object({
    ...summaryFields,
    dueDerivation: z
      .unknown()
      .meta({ description: 'How the due instant was counted: from when, over which days off' }),
    dueExplained: Text.nullable().meta({
      example: {
        vi: '3 ngày làm việc kể từ thứ Sáu 20/11; thứ Ba 24/11 nghỉ lễ',
        en: '3 working days from Fri 20/11; Tue 24/11 is a holiday',
      },
    }),
    waiting: z
      .object({
        for: z.string(),
        agency: Text,
        since: Instant,
        paused: z
          .object({ reason: z.string(), until: Instant.nullable() })
          .nullable()
          .meta({ description: 'We do not ask it for a time, and why' }),
      })
      .nullable()
      .meta({
        description: 'The agency whose system does not answer, since when; the wait is that agency’s',
      }),
    takenInBy: z.object({ name: z.string(), title: z.string().optional() }).nullable().meta({
      description: 'The officer who took it in at the counter or from the post',
    }),
    representative: z
      .object({
        fullName: z.string(),
        number: z.string().meta({ description: 'Of the authorisation' }),
        issuedOn: z.iso.date(),
        validUntil: z.iso.date(),
        endedAt: Instant.nullable(),
      })
      .nullable()
      .meta({ description: 'Who acts for the applicant' }),
    coApplicants: z.array(z.object({ fullName: z.string(), signedAt: Instant })),
    next: z.array(Next),
    papers: z.array(Paper),
    links: z.array(Link).meta({ description: 'Related cases that you may read' }),
    documents: z.array(
      IssuedDocument.pick({
        id: true,
        document: true,
        registerNumber: true,
        title: true,
        issuedAt: true,
        level: true,
        supersededBy: true,
        revokedBy: true,
        validUntil: true,
      }),
    ),
  })
  .meta({ id: 'Case' });

const Timeline = z.object({
  items: z.array(
    z.object({
      number: z.int(),
      at: Instant,
      event: z.string(),
      actor: z.object({
        name: z.string().optional(),
        roles: z.array(z.string()),
        agency: z.string().optional(),
        as: z.string().optional().meta({ description: 'What a citizen is who is not the applicant' }),
        for: z.object({ name: z.string().optional() }).optional().meta({
          description: 'In whose place, for a substitute or a representative; citizens are not named',
        }),
      }),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
});

const Path = z.object({ code: CaseCode });
const Show = z.object({
  show: z.enum(['attachment', 'inline']).default('attachment').meta({ description: 'For a viewer: inline' }),
});
const PaperPath = Path.extend({ number: z.coerce.number().int().min(1).max(100_000) });
const Query = Paging.extend({ state: z.coerce.number().int().min(1).max(10).optional() });
const Page = pageOf(CaseSummary);

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases': {
    get: {
      summary: 'The cases that a citizen is a party of, or those of an officer’s agency; newest first',
      requestParams: { query: Query },
      responses: { 200: json('A page of cases', Page), default: refused },
    },
  },
  '/api/v1/cases/{code}': {
    get: {
      summary: 'Where a case stands: state, due date and why, who acts next, papers, documents',
      requestParams: { path: Path },
      responses: { 200: json('The case', CaseView), default: refused },
    },
  },
  '/api/v1/cases/{code}/timeline': {
    get: {
      summary: 'Who did what when',
      requestParams: { path: Path },
      responses: { 200: json('The record of the case', Timeline), default: refused },
    },
  },
  '/api/v1/cases/{code}/papers/{number}': {
    get: {
      summary: 'A paper of the case',
      requestParams: { path: PaperPath, query: Show },
      responses: { 200: file('The file', 'application/pdf', 'image/jpeg', 'image/png'), default: refused },
    },
  },
};

/** A case as the API shows it. */
export type CaseView = z.infer<typeof CaseView>;
export type CaseSummary = z.infer<typeof CaseSummary>;

type CaseSummaryRow = Awaited<ReturnType<typeof listCases>>['items'][number];
type Reading = Pick<Deps, 'db' | 'procedures' | 'clock'>;

/** Cases, for those who may read them. */
export function cases(deps: Reading & Pick<Deps, 'objects'>): Router {
  const { db, objects, clock } = deps;
  const router = Router();

  router.get('/api/v1/cases', signedIn, async (req, res) => {
    res.json(await casesFor(deps, actorIn(req), checkAddress(req, Query, req.query)));
  });

  router.get('/api/v1/cases/:code', signedIn, async (req, res) => {
    res.json(await caseFor(deps, actorIn(req), checkAddress(req, Path, req.params).code));
  });

  router.get('/api/v1/cases/:code/timeline', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { code } = checkAddress(req, Path, req.params);
    res.json(Timeline.parse({ items: await caseTimeline(db, actor, code, clock.now()) }));
  });

  router.get('/api/v1/cases/:code/papers/:number', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { code, number } = checkAddress(req, PaperPath, req.params);
    const { show } = checkAddress(req, Show, req.query);
    const paper = await findPaper(db, actor, { code, number, at: clock.now() });
    await noteRead(db, actor, code, clock.now());
    await sendFile(res, objects, paper, show);
  });

  return router;
}

/**
 * Gives a page of the cases that somebody may read.
 *
 * @throws Refusal `invalid-request` for a cursor that was not given out here
 */
export async function casesFor(
  deps: Reading,
  actor: Actor,
  query: z.infer<typeof Query>,
): Promise<z.infer<typeof Page>> {
  const agencies = agenciesFor(actor, 'read', 'cases');
  const { items, next } = await listCases(deps.db, actor, { ...query, agencies, at: deps.clock.now() });
  return Page.parse({ items: items.map((item) => named(deps, item)), next });
}

/**
 * Gives a case to somebody who may read it, with the words of its procedure.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function caseFor(deps: Reading, actor: Actor, code: string): Promise<CaseView> {
  const at = deps.clock.now();
  const [found, links] = await Promise.all([
    findCase(deps.db, actor, code, at),
    linksOf(deps.db, actor, code, at),
  ]);
  const facts = deps.procedures.get(found.procedure);
  const next = found.next.map((step) => ({ ...step, title: facts?.tasks[step.task]?.title }));
  const papers = found.papers.map((paper) => ({
    ...paper,
    title: facts?.papers[paper.kind]?.title ?? facts?.names[paper.kind],
  }));
  const dueExplained = explained(found.dueDerivation as Derivation | null);
  return CaseView.parse({ ...named(deps, found), dueExplained, next, papers, links });
}

/** Adds the words of its procedure and its state to a case. */
export function named<C extends CaseSummaryRow>({ procedures, clock }: Reading, found: C) {
  return {
    ...found,
    procedure: {
      id: found.procedure,
      code: found.procedureCode,
      title: procedures.get(found.procedure)?.title,
    },
    state: { code: found.state, name: caseStates[found.state as CaseState] },
    timeliness: timelinessOf({
      state: found.state as CaseState,
      dueAt: instant(found.dueAt),
      closedAt: instant(found.closedAt),
      keptAt: instant(found.keptAt),
      toTheMinute: found.limit !== null && runsAlways(found.limit as Limit),
      now: clock.now(),
    }),
  };
}

const instant = (text: string | null) => (text === null ? null : new Date(text));

/** A derivation in words. */
export const explained = (derivation: Derivation | null) =>
  derivation && { vi: sayDerivation(derivation, 'vi'), en: sayDerivation(derivation, 'en') };
