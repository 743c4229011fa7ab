import type { Language } from '../../api/language.ts';
import { sayStage } from '../../api/report-words.ts';
import type { NamedAgency } from '../../records/city.ts';
import type { PublicReport } from '../../records/public-reports.ts';

/** What codes are called. */
export interface Named {
  services: ReadonlyMap<string, { vi: string; en: string }>;
  agencies: readonly NamedAgency[];
}

/** A report as a list tells it. */
export function tellReport(report: PublicReport, { services, agencies }: Named, language: Language) {
  const agency = (code: string | null) =>
    agencies.find((each) => each.code === code)?.name[language] ?? code ?? '';
  return {
    code: report.code,
    href: `/reports/${report.code}`,
    service: services.get(report.service)?.[language] ?? report.service,
    stage: sayStage(report.stage)[language],
    stageCode: report.stage,
    words: report.words ?? '',
    ward: agency(report.ward),
    agency: agency(report.agency),
    filedAt: report.filedAt.toISOString(),
    updatedAt: report.updatedAt.toISOString(),
    dueAt: report.dueAt?.toISOString(),
    closedAt: report.closedAt?.toISOString(),
    lat: report.lat,
    lng: report.lng,
    followers: report.followers,
    duplicates: report.duplicates,
    rating: report.rating,
  };
}
