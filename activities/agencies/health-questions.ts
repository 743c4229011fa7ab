import { describe } from '../../fhir/describe.ts';
import { fromClaims, fromDoses, type PulledEntry } from '../../fhir/from-registries.ts';
import type { Author } from '../../records/fhir/resources.ts';
import { addToTaskContext, type CaseFile } from '../../records/case-file.ts';
import { endConsent, grantConsent, type Granted } from '../../records/health-consents.ts';
import { findEmergency } from '../../records/health-emergencies.ts';
import {
  draftRecord,
  eraseRecord,
  keepPulled,
  publishRecord,
  pulledFor,
  recordOfCase,
  recordOfCitizen,
} from '../../records/health-records.ts';
import { builtRecord, recordToPublish } from '../health-record.ts';
import type { Ask, Asking } from './questions.ts';

type About =
  | 'healthRecord'
  | 'vaccinations'
  | 'insuranceClaims'
  | 'pulledRecord'
  | 'recordDraft'
  | 'publishRecord'
  | 'recordHandOver'
  | 'eraseRecord'
  | 'grantConsent'
  | 'endConsent'
  | 'emergency';

const numberOf = ({ applicant }: CaseFile) => applicant['personalNumber'] as string;

/** Keeps what a registry has told, and says only how much it was: nothing of it is told to the case. */
async function pull(
  { db, file, at }: Asking,
  source: string,
  entriesFor: (record: string) => Promise<PulledEntry[]>,
): Promise<{ entries: number }> {
  const { id } = await draftRecord(db, {
    caseCode: file.code,
    citizenSub: file.applicantSub,
    personalNumber: numberOf(file),
    at,
  });
  const entries = await entriesFor(id);
  await keepPulled(db, file.code, source, entries);
  return { entries: entries.length };
}

/** How questions about health records are put; what they are about stays in PostgreSQL. */
export const healthQuestions: { [Q in About]: Ask<Q> } = {
  async healthRecord(_agencies, { db, file }) {
    const record = await recordOfCitizen(db, numberOf(file));
    return { found: record !== undefined && record.caseCode !== file.code };
  },

  vaccinations: ({ immunisations }, asking) =>
    pull(asking, 'immunisations', async (record) => {
      const question = { personalNumber: numberOf(asking.file), caseCode: asking.file.code };
      return fromDoses(record, (await immunisations.lookUpDoses(question, asking.key)).doses);
    }),

  insuranceClaims: ({ insuranceClaims }, asking) =>
    pull(asking, 'claims', async (record) => {
      const insuranceNumber = asking.file.answers['insuranceNumber'] as string | undefined;
      const question = {
        personalNumber: numberOf(asking.file),
        ...(insuranceNumber ? { insuranceNumber } : {}),
        caseCode: asking.file.code,
      };
      return fromClaims(record, (await insuranceClaims.lookUpClaims(question, asking.key)).claims);
    }),

  async pulledRecord(_agencies, { db, file }, { taskId }) {
    const pulled = await pulledFor(db, file.code);
    const entries = pulled.map(({ id, resource }) => {
      const { kind, text } = describe(resource);
      return { id, title: { vi: `${kind.vi}: ${text.vi}`, en: `${kind.en}: ${text.en}` } };
    });
    await addToTaskContext(db, taskId, {
      entries,
      pulled: pulled.map(({ resource }) => {
        return { what: resource.resourceType, note: describe(resource).text };
      }),
    });
    return { shown: true };
  },

  async recordDraft(_agencies, { db, file, at }, { taskId }) {
    const { resources } = await builtRecord(db, file, at);
    const published = resources.map((resource) => {
      return { what: resource.resourceType, note: describe(resource).text };
    });
    await addToTaskContext(db, taskId, { published });
    return { shown: true };
  },

  async publishRecord(_agencies, { db, file, at }) {
    const record = await draftRecord(db, {
      caseCode: file.code,
      citizenSub: file.applicantSub,
      personalNumber: numberOf(file),
      at,
    });
    if (record.state !== 'draft') return { published: true };
    const other = await recordOfCitizen(db, numberOf(file));
    if (other) return { published: false };
    const built = await recordToPublish(db, file, record.id, at);
    const agency = file.agency.code;
    const authors: Record<'citizen' | 'registry' | 'system', Author> = {
      citizen: { kind: 'citizen', name: file.applicant['fullName'] as string },
      registry: { kind: 'registry', name: 'Tiêm chủng quốc gia, giám định bảo hiểm y tế' },
      system: { kind: 'system', name: file.agency.name.vi, agency },
    };
    await publishRecord(db, { id: record.id, built, authors, at });
    return { published: true };
  },

  async recordHandOver({ residents }, { db, file, key }) {
    const record = await recordOfCase(db, file.code);
    await residents.enterHealthRecord(
      {
        personalNumber: numberOf(file),
        record: record?.id ?? '',
        keptBy: file.agency.code,
        caseCode: file.code,
      },
      key,
    );
    return { handedOver: true };
  },

  async eraseRecord(_agencies, { db, file, at }) {
    await eraseRecord(db, file.code, at);
    return { erased: true };
  },

  async grantConsent(_agencies, { db, file, at }) {
    const granted = file.answers as unknown as Granted;
    return {
      granted: await grantConsent(db, { caseCode: file.code, personalNumber: numberOf(file), at }, granted),
    };
  },

  async endConsent(_agencies, { db, file, at }) {
    await endConsent(db, file.code, 'expired', at);
    return { ended: true };
  },

  async emergency(_agencies, { db }, { taskId, emergency }) {
    const found = await findEmergency(db, emergency);
    if (found)
      await addToTaskContext(db, taskId, {
        opened: {
          by: { vi: found.name, en: found.name },
          agency: found.agency ?? { vi: '–', en: '–' },
          at: found.at,
          reason: found.reason,
        },
      });
    return { shown: true };
  },
};
