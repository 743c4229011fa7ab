import { describe, kindCalled, kinds } from '../../fhir/describe.ts';
import { documentBundle } from '../../fhir/document.ts';
import { sensitiveClassesOf } from '../../fhir/labels.ts';
import { builtRecord } from '../health-record.ts';
import type { Gathered, Gathering } from './sources.ts';

/**
 * Gathers what the summary of a health record says, with the FHIR document of the same. What is sensitive is in neither: whoever shows
 * the paper shows nothing of it.
 */
export async function summaryOf({ db, file, publicUrl, at }: Gathering): Promise<Gathered> {
  const { patient, resources, composition } = await builtRecord(db, file, at);
  const open = resources.filter((resource) => sensitiveClassesOf(resource).length === 0);
  const bundle = documentBundle({
    base: `${publicUrl}/fhir`,
    composition,
    resources: [patient, ...open],
    at,
  });
  const parts = kinds.map((type) => ({
    title: kindCalled(type).vi,
    lines: open
      .filter(({ resourceType }) => resourceType === type)
      .map((resource) => describe(resource).text.vi),
  }));
  return {
    data: {
      record: composition.subject?.reference?.split('/')[1] ?? '',
      parts: parts.filter(({ lines }) => lines.length > 0),
      contact: patient.contact?.[0] && {
        name: patient.contact[0].name?.text ?? '',
        relation: patient.contact[0].relationship?.[0]?.text ?? '',
        phone: patient.contact[0].telecom?.[0]?.value ?? '',
      },
    },
    attachments: [
      {
        name: 'health-record.fhir.json',
        mediaType: 'application/fhir+json',
        description: 'Bản tóm tắt hồ sơ sức khỏe theo chuẩn FHIR R4, máy đọc được',
        content: JSON.stringify(bundle, undefined, 2),
      },
    ],
  };
}
