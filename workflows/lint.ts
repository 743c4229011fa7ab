import type { z } from 'zod';
import type { Procedure, Text } from './engine/index.ts';
import { outcomes } from './engine/states.ts';

/** One way through a procedure's story, as a dry run took it while everybody used all the time that they have. */
export interface Course {
  /** What was done, in order: `acceptance`, `pay expired`, … */
  path: string[];
  outcome: string;
  /** Tasks that were opened: who has them, until when, and what their performer is shown. */
  waits: { task: string; role: string; deadline: string | null; context: unknown }[];
  /** Names of the documents and forms that were issued, and the data of their templates. */
  papers: { document: string; data: unknown }[];
  /** Working minutes by which the decision came after the promised date; 0 when it came in time or none was due. */
  lateMinutes: number;
  /** Whether a task was done again while the clock counted: a draft that was sent back may take any time. */
  repeats: boolean;
}

/** What the rules look at. */
export interface Subject {
  procedure: Procedure;
  courses: readonly Course[];
  /** Source text of the procedure's folder, and of its templates by their name under templates/documents. */
  source: string;
  templates: Readonly<Record<string, string>>;
  /** Templates whose sample data renders. */
  rendered: ReadonlySet<string>;
  /** Kinds of consultation for which the city names an agency. */
  consulted: ReadonlySet<string>;
}

/** A place where a procedure breaks a rule, and how to mend it. */
export interface Finding {
  rule: string;
  what: string;
  mend: string;
}

type Rule = (subject: Subject) => Omit<Finding, 'rule'>[];

/** The engine's own tasks; their forms are not the procedure's. */
const engines =
  /^(withdraw|approveWithdrawal|placement|supply|supplementAgain|pay|extend|consult|handOver|correction|signCorrection|(consult|case)\..+)$/;
/** Those that people or time bring about, and not every story. */
const fromOutside = [
  'withdraw',
  'approveWithdrawal',
  'extend',
  'consult',
  'supplementAgain',
  'handOver',
  'correction',
  'signCorrection',
];
const ownTasks = ({ tasks }: Procedure) => Object.entries(tasks).filter(([name]) => !engines.test(name));
/** What a citizen may do at any time has no deadline. */
const isRight = ({ tasks }: Procedure, name: string) => tasks[name]?.standing === true;
const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];
const blank = (text: string | undefined) => (text ?? '').trim() === '';

/** The rules by name; each is a pure function of its subject. */
export const lintRules = {
  'wait-has-owner-and-deadline': ({ procedure, courses }) =>
    unique(
      courses.flatMap(({ waits }) =>
        waits
          .filter(({ task, role, deadline }) => blank(role) || (!deadline && !isRight(procedure, task)))
          .map(({ task }) => task),
      ),
    ).map((task) => ({
      what: `${task} has no owner or no deadline`,
      mend: 'give the task `by` and `due` or `expires`',
    })),

  'steps-fit-the-limit': ({ courses }) => {
    const late = courses.filter(({ lateMinutes, repeats }) => lateMinutes > 0 && !repeats);
    const worst = late.sort((a, b) => b.lateMinutes - a.lateMinutes || a.path.length - b.path.length)[0];
    if (!worst) return [];
    const hours = Math.ceil(worst.lateMinutes / 60);
    return [
      {
        what: `when everybody takes all their time, the decision is ${hours} working hours after the promised date: ${worst.path.join(' → ')}`,
        mend: 'shorten the limits of these steps, or let some of them run at once',
      },
    ];
  },

  'outcome-has-its-paper': ({ courses, procedure }) =>
    // What is no dossier may end with a notice, and what an agency does on its own account is owed to nobody.
    unique(
      courses
        .filter(
          ({ papers }) =>
            procedure.dossier !== false &&
            procedure.applicant !== 'agency' &&
            !papers.some(({ document }) => decides(document)),
        )
        .map(({ outcome }) => outcome),
    ).map((outcome) => ({
      what: `the outcome "${outcome}" comes without a paper`,
      mend: 'issue a document, or reject',
    })),

  'outcome-is-named': ({ procedure, courses }) =>
    unique(courses.map(({ outcome }) => outcome))
      .filter((outcome) => !procedure.outcomes?.[outcome] && !outcomes[outcome])
      .map((outcome) => ({
        what: `people would read the outcome as "${outcome}"`,
        mend: 'name it in `outcomes` of the facts',
      })),

  'silence-is-handled': ({ procedure, courses }) =>
    Object.entries(procedure.tasks)
      .filter(
        ([name, { expires }]) =>
          expires &&
          name !== 'extend' &&
          courses.some(({ waits }) => waits.some(({ task }) => task === name)),
      )
      .filter(([name]) => !courses.some(({ path }) => path.includes(`${name} expired`)))
      .map(([name]) => ({
        what: `no course comes to an outcome after the silence of ${name}`,
        mend: 'handle `undefined`, what the wait gives when it expires',
      })),

  'everything-is-reached': ({ procedure, courses }) => {
    const opened = new Set(courses.flatMap(({ waits }) => waits.map(({ task }) => task)));
    const issued = new Set(courses.flatMap(({ papers }) => papers.map(({ document }) => document)));
    const tasks = Object.keys(procedure.tasks).filter(
      (name) => !fromOutside.includes(name) && !procedure.tasks[name]?.opensFromOutside && !opened.has(name),
    );
    const documents = Object.keys(procedure.documents).filter((name) => !issued.has(name));
    return [...tasks, ...documents].map((name) => ({
      what: `${name} is declared, and none of ${courses.length} courses comes to it`,
      mend: 'use it in the story or take it out of the facts',
    }));
  },

  'field-is-used': (subject) =>
    fieldsOf(subject.procedure)
      .filter(
        ({ field, schema }) =>
          blank(schema.meta()?.['unused'] as string | undefined) && !isUsed(field, subject),
      )
      .map(({ form, field }) => ({
        what: `nobody uses the field ${field} of ${form}: no line of the story, no template, no officer is shown it`,
        mend: "use it, take it out of the form, or say why it is asked: .meta({ unused: 'a reason' })",
      })),

  'pages-hold-every-field': ({ procedure }) => {
    if (!procedure.pages) return [];
    const on = procedure.pages.flatMap(({ fields }) => fields);
    const wrong = Object.keys(procedure.application.shape).filter(
      (field) => on.filter((each) => each === field).length !== 1,
    );
    const unknown = on.filter((field) => !Object.hasOwn(procedure.application.shape, field));
    return [...wrong, ...unknown].map((field) => ({
      what: `the field ${field} of the application stands on no page, or on more than one, or is not in the form`,
      mend: 'name each field of the application once in `pages`',
    }));
  },

  'template-renders': ({ procedure, templates, rendered }) =>
    Object.values(procedure.documents).flatMap(({ template }) => {
      if (templates[template] === undefined)
        return [
          { what: `there is no template ${template}.hbs`, mend: `write templates/documents/${template}.hbs` },
        ];
      if (rendered.has(template)) return [];
      return [
        {
          what: `the sample of ${template} does not render`,
          mend: `see: npm run preview -- documents/${template}`,
        },
      ];
    }),

  'consultation-names-an-agency': ({ procedure, consulted }) =>
    Object.keys(procedure.consultations?.of ?? {})
      .filter((kind) => !consulted.has(kind))
      .map((kind) => ({
        what: `no agency answers the consultation ${kind}`,
        mend: 'name one in the city’s consultations, samples/city.json',
      })),

  'legal-basis-is-given': ({ procedure }) =>
    procedure.legalBasis.length > 0 && !procedure.legalBasis.some(blank)
      ? []
      : [{ what: 'it says on no law that it rests', mend: 'write legalBasis' }],

  'titles-in-both-languages': ({ procedure }) =>
    Object.entries(titlesOf(procedure))
      .filter(([, { vi, en }]) => blank(vi) || blank(en))
      .map(([name]) => ({ what: `${name} lacks its Vietnamese or English title`, mend: 'write both' })),
} as const satisfies Record<string, Rule>;

/** Applies every rule. */
export const lint = (subject: Subject): Finding[] =>
  Object.entries(lintRules).flatMap(([rule, check]) =>
    check(subject).map((finding) => ({ rule, ...finding })),
  );

/** The forms that tell an applicant how the case ended; 01, 02 and 04 tell what happens meanwhile. */
const decides = (document: string) => !/^form-0[124]$/.test(document);

function titlesOf(procedure: Procedure): Record<string, Text> {
  const titled = (of: string, facts: Readonly<Record<string, { title: Text }>>) =>
    Object.entries(facts).map(([name, { title }]) => [`${of} ${name}`, title] as const);
  return {
    'the procedure': procedure.title,
    ...Object.fromEntries([...titled('task', procedure.tasks), ...titled('document', procedure.documents)]),
    ...Object.fromEntries(
      Object.entries(procedure.names).map(([name, title]) => [`field or paper ${name}`, title]),
    ),
  };
}

/** The fields of the application and of the procedure's own tasks, at the first level. */
function fieldsOf(procedure: Procedure): { form: string; field: string; schema: z.ZodType }[] {
  // A task that is told the application shows all of it.
  const shown = Object.values(procedure.tasks).some(({ told }) => told === 'application');
  const forms = [
    ...(shown ? [] : [['the application', procedure.application] as const]),
    ...ownTasks(procedure).map(([name, { form }]) => [name, form] as const),
  ];
  return forms.flatMap(([form, { shape }]) =>
    Object.entries(shape as Record<string, z.ZodType>).map(([field, schema]) => ({ form, field, schema })),
  );
}

/** A field is used where its name stands again in the story or in a template, or where an officer or a paper gets it. */
function isUsed(field: string, { source, templates, courses, procedure }: Subject): boolean {
  const word = new RegExp(`\\b${field}\\b`, 'g');
  if ((source.match(word) ?? []).length > 1) return true;
  const own = Object.values(procedure.documents).map(({ template }) => templates[template] ?? '');
  if (own.some((text) => text.match(word))) return true;
  return courses.some(
    ({ waits, papers }) =>
      waits.some(({ context }) => has(context, field)) || papers.some(({ data }) => has(data, field)),
  );
}

function has(value: unknown, field: string): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([name, inner]) => name === field || has(inner, field));
}
