import type { Language } from '../../api/language.ts';
import type { Text } from '../../workflows/engine/index.ts';
import { component } from '../gds.ts';
import { countOf, datePartsOf, inRow, rowsOf, type Filled } from './answers.ts';
import type { Field, Input, Named } from './fields.ts';

/** What a form is rendered with. */
export interface FormState {
  filled: Filled;
  /** What is wrong, by JSON Pointer. */
  errors: Readonly<Record<string, string>>;
  language: Language;
  /** What is known by name here, for questions that ask for one of it. */
  named?: Partial<Record<Named, Readonly<Record<string, Text>>>>;
}

/** Id of a question's first control in the page. */
export const idOf = (pointer: string) => pointer.replace(/^\//, '').replaceAll(/[^\p{L}\p{N}]+/gu, '-');

/** Up to so many choices are shown at once, more behind a list. */
const shownAtOnce = 6;

/**
 * Renders questions with what has been filled in and what is wrong. A question that hangs on another one's answer says so, and
 * a script hides it meanwhile (motcua.js); without one all of them are seen.
 */
export function renderFields(fields: readonly Field[], state: FormState): string {
  return fields.map((field) => hanging(field, renderField(field, state))).join('');
}

function hanging({ pointer, askedWhen }: Field, html: string): string {
  if (!askedWhen) return html;
  const on = `${pointer.slice(0, pointer.lastIndexOf('/'))}/${askedWhen.field}`;
  return `<div data-asked-when="${on}" data-is="${askedWhen.is.map(String).join(' ')}">${html}</div>`;
}

const isRadios = (input: Input) =>
  input.kind === 'yesNo' || (input.kind === 'choice' && input.choices.length <= shownAtOnce);

function renderField(field: Field, state: FormState): string {
  const { pointer, input } = field;
  const { filled, language } = state;
  const value = String(filled[pointer] ?? '');
  const common = { ...messages(field, state), id: idOf(pointer), name: pointer };
  const labelled = { ...common, label: { text: titleOf(field, language), classes: 'govuk-label--s' } };
  const legend = {
    fieldset: { legend: { text: titleOf(field, language), classes: 'govuk-fieldset__legend--s' } },
  };
  const autocomplete = field.autocomplete ? { autocomplete: field.autocomplete } : {};
  switch (input.kind) {
    case 'line':
      return component('input', {
        ...labelled,
        ...autocomplete,
        value,
        type: input.type ?? 'text',
        classes: widthOf(input.most),
      });
    case 'text':
      return component('textarea', { ...labelled, value, rows: 4 });
    case 'number':
      return component('input', {
        ...labelled,
        value: language === 'vi' ? value.replace('.', ',') : value,
        inputmode: input.whole ? 'numeric' : 'decimal',
        classes: 'govuk-input--width-10',
      });
    case 'time':
      return component('input', { ...labelled, value, type: 'time', classes: 'govuk-input--width-5' });
    case 'moment':
      return component('input', {
        ...labelled,
        value,
        type: 'datetime-local',
        classes: 'govuk-input--width-20',
      });
    case 'yesNo':
      return radios({ ...common, ...legend }, yesNo, value, language);
    case 'choice':
      return isRadios(input)
        ? radios({ ...common, ...legend }, input.choices, value, language)
        : select(labelled, input.choices, value, language);
    case 'named':
      return select(labelled, choicesFrom(state.named?.[input.of]), value, language);
    case 'choices':
      return checkboxes({ ...common, ...legend }, input.choices, filled[pointer] ?? [], language);
    case 'confirm':
      return checkboxes(common, [{ value: 'true', text: field.title }], [value], language);
    case 'date':
      return date({ ...common, ...legend }, value, { ...state, autocomplete: field.autocomplete });
    case 'point':
      return point(field, state);
    case 'group':
      return component('fieldset', {
        legend: { text: titleOf(field, language), classes: 'govuk-fieldset__legend--m' },
        html: errorOf(field, state) + renderFields(input.fields, state),
      });
    case 'list':
      return rows(field, input, state);
  }
}

const yesNo = [
  { value: 'true', text: { vi: 'Có', en: 'Yes' } },
  { value: 'false', text: { vi: 'Không', en: 'No' } },
];

function titleOf({ title, optional, preset, askedWhen }: Field, language: Language): string {
  const may = optional && preset === undefined && !askedWhen;
  return `${title[language]}${may ? (language === 'vi' ? ' (không bắt buộc)' : ' (optional)') : ''}`;
}

function messages({ pointer }: Field, { errors, language }: FormState): Record<string, unknown> {
  const text = errors[pointer];
  return text ? { errorMessage: { text, visuallyHiddenText: language === 'vi' ? 'Lỗi' : 'Error' } } : {};
}

/** What is wrong with a group or a list as a whole. */
function errorOf({ pointer }: Field, { errors, language }: FormState): string {
  const text = errors[pointer];
  if (!text) return '';
  return component('error-message', {
    text,
    id: idOf(pointer),
    visuallyHiddenText: language === 'vi' ? 'Lỗi' : 'Error',
  });
}

const widthOf = (most: number) => (most <= 30 ? 'govuk-input--width-20' : 'govuk-!-width-two-thirds');

type Choices = readonly { value: string; text: Text }[];

function radios(
  common: Record<string, unknown>,
  choices: Choices,
  value: string,
  language: Language,
): string {
  const { id, ...rest } = common;
  const items = choices.map((choice) => ({
    value: choice.value,
    text: choice.text[language],
    checked: choice.value === value,
  }));
  return component('radios', { ...rest, idPrefix: id, items });
}

function checkboxes(
  common: Record<string, unknown>,
  choices: Choices,
  chosen: readonly string[] | string,
  language: Language,
): string {
  const { id, ...rest } = common;
  const items = choices.map(({ value, text }) => ({
    value,
    text: text[language],
    checked: chosen.includes(value),
  }));
  return component('checkboxes', { ...rest, idPrefix: id, items });
}

function select(
  common: Record<string, unknown>,
  choices: Choices,
  value: string,
  language: Language,
): string {
  const items = choices.map((choice) => ({
    value: choice.value,
    text: choice.text[language],
    selected: choice.value === value,
  }));
  const none = { value: '', text: language === 'vi' ? '– Chọn –' : '– Choose –', selected: value === '' };
  return component('select', { ...common, items: [none, ...items] });
}

const choicesFrom = (known: Readonly<Record<string, Text>> = {}): Choices =>
  Object.entries(known).map(([value, text]) => ({ value, text }));

function date(
  common: Record<string, unknown>,
  value: string,
  { language, autocomplete }: { language: Language; autocomplete: string | undefined },
): string {
  const parts = datePartsOf(value);
  const words = {
    day: { vi: 'Ngày', en: 'Day' },
    month: { vi: 'Tháng', en: 'Month' },
    year: { vi: 'Năm', en: 'Year' },
  };
  const items = (['day', 'month', 'year'] as const).map((part) => ({
    id: part === 'day' ? common['id'] : `${String(common['id'])}-${part}`,
    name: `${String(common['name'])}-${part}`,
    label: words[part][language],
    value: parts[part],
    classes: part === 'year' ? 'govuk-input--width-4' : 'govuk-input--width-2',
    ...(autocomplete === 'bday' ? { autocomplete: `bday-${part}` } : {}),
  }));
  const { id, name: _name, ...rest } = common;
  return component('date-input', { ...rest, id: `${String(id)}-date`, items });
}

/** Two numbers that anybody can type; where there is a script, a map that fills them in (map.js). */
function point(field: Field, { filled, errors, language }: FormState): string {
  const axis = (name: 'lat' | 'lng', text: string) =>
    component('input', {
      id: `${idOf(field.pointer)}-${name}`,
      name: `${field.pointer}/${name}`,
      label: { text },
      value: String(filled[`${field.pointer}/${name}`] ?? ''),
      inputmode: 'decimal',
      classes: 'govuk-input--width-10',
      ...(errors[`${field.pointer}/${name}`]
        ? { errorMessage: { text: errors[`${field.pointer}/${name}`] } }
        : {}),
    });
  const inputs =
    axis('lat', language === 'vi' ? 'Vĩ độ' : 'Latitude') +
    axis('lng', language === 'vi' ? 'Kinh độ' : 'Longitude');
  const hint =
    language === 'vi' ? 'Chạm vào bản đồ, hoặc nhập tọa độ.' : 'Touch the map, or type the coordinates.';
  const map = `<div class="motcua-map" data-point="${idOf(field.pointer)}" data-hint="${hint}"></div>`;
  return component('fieldset', {
    legend: { text: titleOf(field, language), classes: 'govuk-fieldset__legend--s' },
    html: errorOf(field, { filled, errors, language }) + map + inputs,
  });
}

/** The rows of a list; one is added and taken away by sending the form, which keeps the rest as it is. */
function rows(field: Field, input: Extract<Input, { kind: 'list' }>, state: FormState): string {
  const { pointer, title } = field;
  const { filled, language } = state;
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const count = rowsOf(filled, pointer);
  const rendered = Array.from({ length: count }, (_, row) =>
    component('fieldset', {
      classes: 'motcua-row',
      legend: { text: `${title[language]} ${row + 1}`, classes: 'govuk-fieldset__legend--s' },
      html:
        renderFields(
          input.fields.map((inner) => inRow(inner, row)),
          state,
        ) +
        component('button', {
          text: say('Bỏ', 'Remove'),
          classes: 'govuk-button--secondary',
          name: '_remove',
          value: `${pointer}/${row}`,
          attributes: {
            'aria-label': `${say('Bỏ', 'Remove')}: ${title[language]} ${row + 1}`,
            formnovalidate: true,
          },
        }),
    }),
  );
  const add =
    count < input.most
      ? component('button', {
          text: `${say('Thêm', 'Add')}: ${title[language]}`,
          classes: 'govuk-button--secondary',
          name: '_add',
          value: pointer,
          id: `${idOf(pointer)}-add`,
          attributes: { formnovalidate: true },
        })
      : '';
  return component('fieldset', {
    legend: { text: titleOf(field, language), classes: 'govuk-fieldset__legend--m' },
    html: `${errorOf(field, state)}<input type="hidden" name="${countOf(pointer)}" value="${count}">${rendered.join('')}${add}`,
  });
}
