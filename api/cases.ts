import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { caseTimeline, findCase, listCases } from '../records/case-views.ts';
import { channels } from '../records/channels.ts';
import { linksOf } from '../records/links.ts';
import { findPaper } from '../records/papers.ts';
import { caseStates, type CaseState } from '../workflows/engine/states.ts';
import type { Derivation } from '../workflows/engine/legal-clock.ts';
import { sayDerivation } from '../workflows/engine/legal-clock-words.ts';
import { timelinessOf } from '../workflows/engine/timeliness.ts';
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

const Next = z
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

const CaseView = z
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
    waiting: z.object({ for: z.string(), agency: Text, since: Instant }).nullable().meta({
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
      requestParams: { path: PaperPath },
      responses: { 200: file('The file', 'application/pdf', 'image/jpeg', 'image/png'), default: refused },
    },
  },
};

type CaseSummaryRow = Awaited<ReturnType<typeof listCases>>['items'][number];

const instant = (text: string | null) => (text === null ? null : new Date(text));

/** Cases, for those who may read them. */
export function cases({
  db,
  objects,
  procedures,
  clock,
}: Pick<Deps, 'db' | 'objects' | 'procedures' | 'clock'>): Router {
  const router = Router();

  const named = <C extends CaseSummaryRow>(found: C) => ({
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
      now: clock.now(),
    }),
  });

  router.get('/api/v1/cases', async (req, res) => {
    const query = { ...checkAddress(req, Query, req.query), at: clock.now() };
    const { items, next } = await listCases(db, actorIn(req), query);
    res.json(Page.parse({ items: items.map(named), next }));
  });

  router.get('/api/v1/cases/:code', async (req, res) => {
    const actor = actorIn(req);
    const at = clock.now();
    const found = await findCase(db, actor, checkAddress(req, Path, req.params).code, at);
    const facts = procedures.get(found.procedure);
    const next = found.next.map((step) => ({ ...step, title: facts?.tasks[step.task]?.title }));
    const papers = found.papers.map((paper) => ({ ...paper, title: facts?.papers[paper.kind]?.title }));
    const links = await linksOf(db, actor, found.code, at);
    const dueExplained = explained(found.dueDerivation as Derivation | null);
    res.json(CaseView.parse({ ...named(found), dueExplained, next, papers, links }));
  });

  router.get('/api/v1/cases/:code/timeline', async (req, res) => {
    const actor = actorIn(req);
    const { code } = checkAddress(req, Path, req.params);
    res.json(Timeline.parse({ items: await caseTimeline(db, actor, code, clock.now()) }));
  });

  router.get('/api/v1/cases/:code/papers/:number', async (req, res) => {
    const actor = actorIn(req);
    const { code, number } = checkAddress(req, PaperPath, req.params);
    const paper = await findPaper(db, actor, { code, number, at: clock.now() });
    await sendFile(res, objects, paper, 'attachment');
  });

  return router;
}

/** A derivation in words. */
const explained = (derivation: Derivation | null) =>
  derivation && { vi: sayDerivation(derivation, 'vi'), en: sayDerivation(derivation, 'en') };
