import type { Request } from 'express';
import { z } from 'zod';
import { checkApplication } from '../../api/application-form.ts';
import { actorIn } from '../../api/auth.ts';
import type { Deps } from '../../api/deps.ts';
import { checkFormIn } from '../../api/check.ts';
import { languageOf } from '../../api/language.ts';
import type { Actor } from '../../records/actor.ts';
import { listAgencies, type NamedAgency } from '../../records/city.ts';
import { editionOf } from '../../records/case-content.ts';
import { competentAgencies } from '../../records/competences.ts';
import type { Database, Transaction } from '../../records/db.ts';
import { findDraft, type Draft } from '../../records/drafts.ts';
import { Refusal, type FieldError } from '../../records/refusal.ts';
import { filerOf } from '../../workflows/catalogue.ts';
import { Applicant, type Procedure, type Text } from '../../workflows/engine/index.ts';
import { answersIn } from '../form/answers.ts';
import {
  answerPages,
  applicationOf,
  applicationPages,
  paperKinds,
  type ApplicationPage,
} from '../form/application.ts';
import { allFields } from '../form/errors.ts';
import { sayAnswers } from '../form/summary.ts';
import { inLanguage } from '../problems.ts';
import { procedureByCode } from './catalogue.ts';

/** A draft together with the pages of its application that are asked by now. */
export interface OpenDraft {
  draft: Draft;
  procedure: Procedure;
  pages: ApplicationPage[];
  agencies: NamedAgency[];
  /** Every agency by its name, for questions that ask for one. */
  named: { agency: Readonly<Record<string, Text>> };
  /** Slugs of the pages that somebody has filled in, rightly or not. */
  touched: ReadonlySet<string>;
  /** Where one goes on after a page, and back from it. */
  after(slug: string): string;
  before(slug: string): string;
}

/**
 * Opens somebody's draft with the edition of its procedure that is in force today: what still fits is kept.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function openDraft(
  deps: Pick<Deps, 'clock' | 'procedures'>,
  db: Database | Transaction,
  actor: Actor,
  id: string,
): Promise<OpenDraft> {
  const draft = await findDraft(db, actor, id, deps.clock.now());
  const procedure = await procedureOf(deps, db, draft);
  const agencies = await competentAgencies(db, procedure.code);
  const pages = (draft.amends ? answerPages(procedure) : applicationPages(procedure, agencies)).filter(
    (page) => page.isAsked(draft.filled),
  );
  const given = Object.keys(draft.filled);
  const touched = new Set(pages.filter((page) => isTouched(page, given, draft)).map(({ slug }) => slug));
  const address = (page: ApplicationPage | undefined, otherwise: string) =>
    page ? `/drafts/${id}/${page.slug}` : otherwise;
  const at = (slug: string) => pages.findIndex((page) => page.slug === slug);
  return {
    draft,
    procedure,
    pages,
    agencies,
    named: { agency: Object.fromEntries((await listAgencies(db)).map(({ code, name }) => [code, name])) },
    touched,
    after: (slug) => address(pages[at(slug) + 1], `/drafts/${id}/check`),
    before: (slug) => address(pages[at(slug) - 1], `/drafts/${id}`),
  };
}

/** The edition in force today; where an application is changed, that of its case. */
async function procedureOf(
  deps: Pick<Deps, 'clock' | 'procedures'>,
  db: Database | Transaction,
  { about, amends }: Draft,
): Promise<Procedure> {
  const edition = amends ? deps.procedures.get(await editionOf(db, amends)) : undefined;
  return edition ?? procedureByCode(deps, about);
}

function isTouched({ slug, fields }: ApplicationPage, given: string[], { papers }: Draft): boolean {
  if (slug === 'papers') return papers.length > 0;
  return fields.some(({ pointer }) =>
    given.some((each) => each === pointer || each.startsWith(`${pointer}/`)),
  );
}

/**
 * Finds a page of a draft.
 *
 * @throws Refusal `not-found`
 */
export function pageOf({ pages }: OpenDraft, slug: string): ApplicationPage {
  const page = pages.find((each) => each.slug === slug);
  if (!page) throw new Refusal('not-found', 'Không có trang này · There is no such page');
  return page;
}

/** What is wrong or missing in a draft, each with the page where it is mended, in the reader's language. */
export function problemsOf(
  deps: Pick<Deps, 'clock' | 'procedures'>,
  req: Request,
  open: OpenDraft,
): (FieldError & { page: string })[] {
  const language = languageOf(req);
  const { draft, procedure } = open;
  const application = applicationOf(draft, procedure);
  const isNew = draft.amends === null;
  // Part by part, so that a page is told its own mistakes whatever the others still lack.
  const errors = [
    ...(isNew && !filerOf(procedure)
      ? errorsIn(() => checkFormIn(language, Applicant, application.applicant, '/applicant'))
      : []),
    ...errorsIn(() => checkFormIn(language, procedure.application, application.answers, '/answers')),
    ...(isNew ? errorsIn(() => checkFormIn(language, Receiving, application)) : []),
  ];
  const whole =
    errors.length > 0 || !isNew ? [] : errorsIn(() => checkApplication(deps, req, actorIn(req), application));
  const told = [...errors, ...whole.filter(({ pointer }) => pointer !== '/papers')];
  return [
    ...told.map(({ pointer, detail }) => ({
      pointer,
      detail: inLanguage(detail, language),
      page: pageAt(open, pointer),
    })),
    ...(isNew ? missingPapers(req, open) : []),
  ];
}

const Receiving = z.object({ agency: z.string().min(1) });

function errorsIn(check: () => unknown): FieldError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof Refusal && ['invalid-form', 'missing-papers'].includes(error.type))
      return error.errors;
    throw error;
  }
}

function pageAt({ pages }: OpenDraft, pointer: string): string {
  const holds = ({ fields }: ApplicationPage) =>
    fields.some((field) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`));
  if (pointer.startsWith('/papers') || pointer.endsWith('/upload')) return 'papers';
  return pages.find(holds)?.slug ?? (pointer.startsWith('/representative') ? 'representative' : 'applicant');
}

function missingPapers(req: Request, { procedure, draft }: OpenDraft): (FieldError & { page: string })[] {
  const language = languageOf(req);
  const given = new Set(draft.papers.map(({ kind }) => kind));
  return paperKinds(procedure, draft.filled)
    .filter(({ kind, required }) => required && !given.has(kind))
    .map(({ title }) => ({ pointer: '/papers', detail: title[language], page: 'papers' }));
}

/** Everything that was answered, page by page, with what is still wrong: what is looked through before handing in. */
export function checkedPage(deps: Pick<Deps, 'clock' | 'procedures'>, req: Request, open: OpenDraft) {
  const language = languageOf(req);
  const { draft, procedure, pages } = open;
  const problems = problemsOf(deps, req, open);
  return {
    title: { vi: 'Kiểm tra hồ sơ trước khi nộp', en: 'Check your application' },
    procedure: procedure.title[language],
    id: draft.id,
    sections: pages.map(({ slug, title, fields }) => ({
      slug,
      title: title[language],
      answers: sayAnswers(fields, answersIn(fields, draft.filled), language, open.named.agency),
      papers: slug === 'papers' ? draft.papers.map(({ kind }) => paperTitle(procedure, kind)[language]) : [],
    })),
    problems: problems.map(({ page, detail, pointer }) => ({
      page,
      detail: `${titleAt(open, pointer, language)}${detail}`,
    })),
    ready: problems.length === 0,
    counter: draft.channel !== 'online',
    amends: draft.amends,
    back: `/drafts/${draft.id}`,
  };
}

function titleAt({ pages, draft }: OpenDraft, pointer: string, language: 'vi' | 'en'): string {
  const known = allFields(
    pages.flatMap(({ fields }) => fields),
    draft.filled,
  ).filter((field) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`));
  return known.map(({ title }) => `${title[language]}: `).join('');
}

const paperTitle = (procedure: Procedure, kind: string) =>
  procedure.papers[kind]?.title ?? procedure.names[kind] ?? { vi: kind, en: kind };
