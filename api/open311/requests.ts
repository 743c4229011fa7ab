import type { Database } from '../../records/db.ts';
import { publicPhotos } from '../../records/photos.ts';
import { postsOf, type PublicReport } from '../../records/public-reports.ts';
import { localIso } from '../../workflows/engine/legal-clock.ts';
import type { Language } from '../language.ts';
import { sayStage } from '../report-words.ts';
import type { Node } from './xml.ts';

/** What the names of codes are, for answers that say them. */
export interface Names {
  services: ReadonlyMap<string, { vi: string; en: string }>;
  agencies: ReadonlyMap<string, { vi: string; en: string }>;
}

/** An instant as the specification wants it: W3C, with the zone. */
const w3c = (at: Date | null) => (at ? localIso(at) : null);

/** A report in the words of Open311: only what everybody may see. */
export async function requestNode(
  db: Database,
  report: PublicReport,
  { services, agencies }: Names,
  { language, publicUrl }: { language: Language; publicUrl: string },
): Promise<Node> {
  const [posts, photos] = await Promise.all([postsOf(db, report.code), publicPhotos(db, report.code)]);
  const photo = photos[0];
  return {
    service_request_id: report.code,
    status: report.closedAt || report.stage === 'answered' ? 'closed' : 'open',
    status_notes: posts.at(-1)?.text ?? sayStage(report.stage)[language],
    service_name: services.get(report.service)?.[language] ?? report.service,
    service_code: report.service,
    description: report.words,
    agency_responsible: agencies.get(report.agency)?.[language] ?? report.agency,
    service_notice: null,
    requested_datetime: w3c(report.filedAt),
    updated_datetime: w3c(report.updatedAt),
    expected_datetime: w3c(report.dueAt),
    address: report.ward ? (agencies.get(report.ward)?.[language] ?? null) : null,
    address_id: null,
    zipcode: null,
    lat: report.lat,
    long: report.lng,
    media_url: photo ? `${publicUrl}/reports/${report.code}/photos/${photo.number}` : null,
  };
}
