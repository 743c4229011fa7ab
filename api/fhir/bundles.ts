import type { Bundle, FhirResource } from 'fhir/r4.js';
import { etagOf } from './request.ts';
import { addressOf } from './told.ts';

/** What was found, as a bundle. */
export function searchset(
  base: string,
  {
    resources,
    total,
    self,
    next,
  }: { resources: FhirResource[]; total: number; self: string; next: string | undefined },
): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    link: [{ relation: 'self', url: self }, ...(next ? [{ relation: 'next', url: next }] : [])],
    ...(resources.length > 0
      ? {
          entry: resources.map((resource) => ({
            fullUrl: `${base}/${addressOf(resource)}`,
            resource,
            search: { mode: 'match' },
          })),
        }
      : {}),
  };
}

/** The versions of a resource, the latest first, as a bundle. */
export function historyOf(base: string, versions: FhirResource[], self: string): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'history',
    total: versions.length,
    link: [{ relation: 'self', url: self }],
    entry: versions.map((resource) => {
      const { versionId = '1', lastUpdated } = resource.meta ?? {};
      const first = versionId === '1';
      return {
        fullUrl: `${base}/${addressOf(resource)}`,
        resource,
        request: {
          method: first ? 'POST' : 'PUT',
          url: first ? resource.resourceType : addressOf(resource),
        },
        response: {
          status: first ? '201' : '200',
          etag: etagOf(Number(versionId)),
          ...(lastUpdated ? { lastModified: lastUpdated } : {}),
        },
      };
    }),
  };
}
