import type { Attribute, Service } from '../../records/services.ts';
import type { Language } from '../language.ts';
import type { Node } from './xml.ts';

/** A service as the list of services names it. */
export const serviceNode = (service: Service, language: Language): Node => ({
  service_code: service.code,
  service_name: service.name[language],
  description: service.description[language],
  metadata: service.attributes.length > 0,
  type: 'realtime',
  keywords: service.keywords.join(', '),
  group: service.group[language],
});

/** What a service asks beside place and words. */
export const definitionNode = ({ code, attributes }: Service, language: Language): Node => ({
  service_code: code,
  attributes: attributes.map((attribute, index) => attributeNode(attribute, index + 1, language)),
});

const attributeNode = (
  { code, name, datatype, required, values }: Attribute,
  order: number,
  language: Language,
): Node => ({
  variable: true,
  code,
  datatype,
  required,
  datatype_description: null,
  order,
  description: name[language],
  ...(datatype.endsWith('list')
    ? { values: values.map((value) => ({ key: value.key, name: value.name[language] })) }
    : {}),
});
