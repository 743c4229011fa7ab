import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js';
import { interactions, isStored, type Interactions, type ResourceType } from '../../fhir/resource-types.ts';
import { purposeHeader } from './request.ts';
import { parametersOf } from './search-request.ts';

/** What this software is, and since when it answers as it does now (ISO date). */
const software = { name: 'Motcua', version: '0.1.0', releaseDate: '2026-11-30' };

type Interaction = NonNullable<CapabilityStatementRestResource['interaction']>[number]['code'];

/** Says what `/fhir` can do, from the table that its routes are made from. */
export function capabilityStatement(publicUrl: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    url: `${publicUrl}/fhir/metadata`,
    version: software.version,
    name: 'MotcuaHealthRecords',
    title: 'Health records under their citizens’ consent',
    status: 'active',
    date: software.releaseDate,
    kind: 'instance',
    software,
    implementation: { description: 'Motcua', url: `${publicUrl}/fhir` },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        documentation: `Reading needs the header ${purposeHeader} with a purpose that a consent covers; citizens read their own without it. What no consent covers is not there.`,
        security: {
          cors: false,
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'OAuth' },
              ],
            },
          ],
          description: 'Bearer tokens of the OpenID provider',
        },
        resource: (Object.entries(interactions) as [ResourceType, Interactions][]).map(resourceOf),
        operation: [
          {
            name: 'break-glass',
            definition: `${publicUrl}/fhir/OperationDefinition/break-glass`,
            documentation:
              'Opens a record in an emergency with a reason: its citizen is told at once, and it is reviewed within 24 hours',
          },
        ],
      },
    ],
  };
}

function resourceOf([type, facts]: [ResourceType, Interactions]): CapabilityStatementRestResource {
  const writable = facts.writtenBy === 'clinicians';
  const codes: Interaction[] = [
    'read',
    ...(hasVersions(type) ? (['vread', 'history-instance'] as const) : []),
    'search-type',
    ...(writable ? (['create', 'update'] as const) : []),
  ];
  return {
    type,
    interaction: codes.map((code) => ({ code })),
    versioning: hasVersions(type) ? 'versioned' : 'no-version',
    readHistory: hasVersions(type),
    updateCreate: false,
    conditionalCreate: writable,
    conditionalRead: 'not-supported',
    conditionalUpdate: writable,
    conditionalDelete: 'not-supported',
    searchParam: parametersOf(type, facts).map(({ name, type: kind, definition, documentation }) => ({
      name,
      type: kind,
      ...(definition ? { definition } : {}),
      ...(documentation ? { documentation } : {}),
    })),
    ...(type === 'Composition'
      ? {
          operation: [
            {
              name: 'document',
              definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
            },
          ],
        }
      : {}),
  };
}

/** Whether a type has versions that can be read: what is kept as written, and consents. */
export const hasVersions = (type: ResourceType) => isStored(type) || type === 'Consent';
