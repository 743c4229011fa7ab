import type { Language } from '../../api/language.ts';
import type { NewReport } from '../../api/report-filing.ts';
import type { Attribute, Service } from '../../records/services.ts';
import { Reporter } from '../../workflows/engine/form.ts';
import { answersIn, type Filled } from '../form/answers.ts';
import { fieldsOf, type Field, type Input } from '../form/fields.ts';

/** A question of the page on which somebody reports. */
const question = (pointer: string, vi: string, en: string, input: Input, optional = false): Field => ({
  pointer,
  title: { vi, en },
  optional,
  input,
});

const place = question('/place', 'Vị trí trên bản đồ', 'Place on the map', { kind: 'point' });
const words = [
  question('/description', 'Chuyện gì đang xảy ra?', 'What is the matter?', {
    kind: 'text',
    most: 1000,
    mayBeEmpty: false,
  }),
  question(
    '/address',
    'Địa chỉ hoặc mô tả vị trí',
    'Address, or the place in words',
    { kind: 'line', most: 300, mayBeEmpty: true },
    true,
  ),
];
const urgent = question('/urgent', 'Khẩn cấp', 'It is urgent', { kind: 'confirm' }, true);
const reporter = fieldsOf(Reporter, '/reporter');

/** What a service asks beside, as questions. */
export const detailFields = ({ attributes }: Service): Field[] =>
  attributes.map((attribute) => ({
    pointer: `/details/${attribute.code}`,
    title: attribute.name,
    optional: !attribute.required,
    input: inputOf(attribute),
  }));

function inputOf({ datatype, values }: Attribute): Input {
  const choices = values.map(({ key, name }) => ({ value: key, text: name }));
  if (datatype === 'singlevaluelist') return { kind: 'choice', choices };
  if (datatype === 'multivaluelist') return { kind: 'choices', choices };
  if (datatype === 'text') return { kind: 'text', most: 1000, mayBeEmpty: true };
  return { kind: 'line', most: 200, mayBeEmpty: true };
}

/** The questions about one service, in the order of the page. */
export const newReportFields = (service: Service): Field[] => [
  ...words.slice(0, 1),
  place,
  ...words.slice(1),
  ...detailFields(service),
  urgent,
  ...reporter,
];

/** Puts together what was filled in. */
export function reportFrom(service: Service, filled: Filled, photos: string[]): Record<string, unknown> {
  const details = Object.entries(answersIn(detailFields(service), filled)).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '',
  );
  return {
    service: service.code,
    ...answersIn([place, ...words], filled),
    details: Object.fromEntries(details),
    urgent: answersIn([urgent], filled)['urgent'] === true,
    reporter: answersIn(reporter, filled),
    photos,
  } satisfies Partial<Record<keyof NewReport, unknown>>;
}

/** Services by their groups, those that have the words that are looked for. */
export function groupsOf(
  services: readonly Service[],
  looked: (text: string) => boolean,
  language: Language,
) {
  const found = services.filter(({ name, description, keywords, group }) =>
    looked([name.vi, name.en, description.vi, description.en, group.vi, group.en, ...keywords].join(' ')),
  );
  return [...new Set(found.map(({ group }) => group[language]))].map((title) => ({
    title,
    services: found
      .filter(({ group }) => group[language] === title)
      .map(({ code, name, description }) => ({
        name: name[language],
        description: description[language],
        href: `/reports/new?service=${code}`,
      })),
  }));
}
