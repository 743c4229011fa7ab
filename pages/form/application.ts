import { Citizen, Representative } from '../../api/application-form.ts';
import type { Channel } from '../../records/channels.ts';
import type { Draft } from '../../records/drafts.ts';
import type { NamedAgency } from '../../records/city.ts';
import { filerOf } from '../../workflows/catalogue.ts';
import { Applicant, type Procedure, type Text } from '../../workflows/engine/index.ts';
import { answersIn, type Filled } from './answers.ts';
import { fieldsOf, type Field } from './fields.ts';

/** One page of an application: questions that belong together, or the papers. */
export interface ApplicationPage {
  slug: string;
  title: Text;
  fields: Field[];
  isAsked(filled: Filled): boolean;
}

const always = () => true;
const applicant = fieldsOf(Applicant, '/applicant');
const representative = fieldsOf(
  Representative.extend({ authorisation: Representative.shape.authorisation.omit({ upload: true }) }),
  '/representative',
).map(withTitles);

const page = (
  slug: string,
  vi: string,
  en: string,
  fields: Field[],
  isAsked: ApplicationPage['isAsked'] = always,
): ApplicationPage => ({ slug, title: { vi, en }, fields, isAsked });
const papersPage = page('papers', 'Giấy tờ kèm theo', 'Papers', []);

/** Lists the pages of a procedure's application in their order, from its facts. */
export function applicationPages(procedure: Procedure, agencies: readonly NamedAgency[]): ApplicationPage[] {
  if (filerOf(procedure)) return answerPages(procedure);
  return [
    page('agency', 'Cơ quan tiếp nhận', 'The agency', [agencyField(agencies)]),
    page('applicant', 'Người nộp hồ sơ', 'The applicant', applicant),
    page(
      'representative',
      'Người được ủy quyền',
      'The representative',
      representative,
      (filled) => filled['/applicant/onBehalf'] === 'authorised',
    ),
    ...questionPages(procedure),
    ...(procedure.coApplicants ? [coApplicantsPage(procedure.coApplicants)] : []),
    papersPage,
  ];
}

/** Lists the pages of what is applied for, without who applies: what can be changed later. */
export const answerPages = (procedure: Procedure): ApplicationPage[] => [
  ...questionPages(procedure),
  papersPage,
];

/** The questions of the procedure itself, spread as its facts say. */
function questionPages(procedure: Procedure): ApplicationPage[] {
  const fields = fieldsOf(procedure.application, '/answers');
  const spread = procedure.pages
    ? procedure.pages.map(({ title, fields: names }) => ({
        title,
        fields: fields.filter(({ pointer }) => names.includes(pointer.slice('/answers/'.length))),
      }))
    : spreadOf(fields);
  return spread.map((page, index) => ({ ...page, slug: `${index + 1}`, isAsked: always }));
}

/** A page for each group, and one for the questions between two groups. */
function spreadOf(fields: Field[]): { title: Text; fields: Field[] }[] {
  const pages: { title: Text; fields: Field[] }[] = [];
  let open: Field[] | undefined;
  for (const field of fields) {
    const group = field.input.kind === 'group' || field.input.kind === 'list';
    if (group || !open) pages.push({ title: group ? field.title : details, fields: (open = []) });
    open.push(field);
    if (group) open = undefined;
  }
  return pages;
}
const details = { vi: 'Nội dung đề nghị', en: 'What is applied for' };

const agencyField = (agencies: readonly NamedAgency[]): Field => ({
  pointer: '/agency',
  title: { vi: 'Nộp tại', en: 'Hand in at' },
  optional: false,
  input: { kind: 'choice', choices: agencies.map(({ code, name }) => ({ value: code, text: name })) },
});

const coApplicantsPage = (title: Text): ApplicationPage => ({
  slug: 'co-applicants',
  title,
  isAsked: always,
  fields: [
    {
      pointer: '/coApplicants',
      title,
      optional: true,
      input: { kind: 'list', most: 20, fields: fieldsOf(Citizen, '/coApplicants/*') },
    },
  ],
});

/** Titles of what the API's own block of a representative asks. */
function withTitles(field: Field): Field {
  const titles: Record<string, Text> = {
    '/representative/authorisation': { vi: 'Giấy ủy quyền', en: 'The authorisation' },
    '/representative/authorisation/number': { vi: 'Số', en: 'Number' },
    '/representative/authorisation/issuedOn': { vi: 'Ngày cấp', en: 'Date of issue' },
    '/representative/authorisation/validUntil': { vi: 'Ngày cuối của thời hạn', en: 'Last day of its time' },
  };
  const input =
    field.input.kind === 'group'
      ? { ...field.input, fields: field.input.fields.map(withTitles) }
      : field.input;
  return { ...field, title: titles[field.pointer] ?? field.title, input };
}

/** The paper under which a representative's authorisation is uploaded. */
export const authorisationPaper = 'authorisation';

/** The kinds of paper that an application may bring, in their order. */
export function paperKinds(
  procedure: Procedure,
  filled: Filled,
): { kind: string; title: Text; required: boolean }[] {
  const kinds = Object.entries(procedure.papers).map(([kind, { title, required }]) => ({
    kind,
    title,
    required,
  }));
  if (filled['/applicant/onBehalf'] !== 'authorised') return kinds;
  const title = { vi: 'Giấy ủy quyền', en: 'Authorisation' };
  return [
    ...kinds.filter(({ kind }) => kind !== authorisationPaper),
    { kind: authorisationPaper, title, required: true },
  ];
}

/** Puts a draft together as the application that the API takes. */
export function applicationOf(
  draft: Pick<Draft, 'about' | 'filled' | 'papers'> & { channel: Channel },
  procedure: Procedure,
): Record<string, unknown> & { applicant?: unknown; answers: Record<string, unknown> } {
  const { filled, papers } = draft;
  const { coApplicants } = procedure;
  const represented = filled['/applicant/onBehalf'] === 'authorised';
  const authorisation = papers.find(({ kind }) => kind === authorisationPaper);
  const given = represented ? papers.filter((paper) => paper !== authorisation) : papers;
  const named = answersIn(representative, filled);
  const authority = { ...(named['authorisation'] as object), upload: authorisation?.upload };
  return {
    procedure: draft.about,
    agency: filled['/agency'] ?? '',
    channel: draft.channel,
    ...(filerOf(procedure) ? {} : { applicant: answersIn(applicant, filled) }),
    answers: answersIn(fieldsOf(procedure.application, '/answers'), filled),
    papers: given,
    ...(represented ? { representative: { ...named, authorisation: authority } } : {}),
    ...(coApplicants ? answersIn(coApplicantsPage(coApplicants).fields, filled) : {}),
  };
}
