import type { AuditEvent, Coding, Consent, FhirResource, Provenance, Reference } from 'fhir/r4.js';
import { dataClasses, purposeCoding, sensitiveClasses, systems } from '../../fhir/codings.ts';
import type { AccessRow } from '../../records/fhir/accesses.ts';
import type { ConsentRow } from '../../records/fhir/consents.ts';
import type { ProvenanceRow } from '../../records/fhir/provenances.ts';
import { sayAccess } from './plain-words.ts';

/*
 * Consents, provenances and audit events are not kept as resources: they are told from the rows that count, so that what is shown
 * is what is enforced.
 */

const organisation = (code: string, name?: string): Reference => ({
  type: 'Organization',
  identifier: { system: systems.agency, value: code },
  ...(name ? { display: name } : {}),
});
const patient = (id: string): Reference => ({ reference: `Patient/${id}` });
const meta = (version: number, at: Date) => ({ versionId: String(version), lastUpdated: at.toISOString() });
const startOf = (day: string) => `${day}T00:00:00+07:00`;
const endOf = (day: string) => `${day}T23:59:59+07:00`;

/** How FHIR calls what has become of a consent. */
const consentStatus = {
  active: 'active',
  replaced: 'inactive',
  withdrawn: 'inactive',
  expired: 'inactive',
} as const;

/** A version of a consent as FHIR tells it: everything is denied but what it permits. */
export function tellConsent(row: ConsentRow): Consent {
  const permitted: Coding[] = [
    ...row.classes.map((code) => ({ system: systems.dataClass, code, display: dataClasses[code].vi })),
  ];
  const labels: Coding[] = row.sensitive.map((name) => ({
    system: systems.actCode,
    code: sensitiveClasses[name].label,
  }));
  return {
    resourceType: 'Consent',
    id: row.id,
    meta: meta(row.version, row.updated_at),
    identifier: [{ system: 'urn:motcua:case', value: row.case_code }],
    status: consentStatus[row.state],
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0', display: 'Consent Document' }] }],
    patient: patient(row.record_id),
    dateTime: row.granted_at.toISOString(),
    performer: [patient(row.record_id)],
    policyRule: { text: 'Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15; Nghị định số 356/2025/NĐ-CP' },
    provision: {
      type: 'deny',
      provision: [
        {
          type: 'permit',
          period: { start: startOf(row.valid_from), end: row.ended_at?.toISOString() ?? endOf(row.valid_to) },
          actor: [
            {
              role: {
                coding: [
                  { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' },
                ],
              },
              reference: organisation(row.recipient, row.recipient_name.vi),
            },
          ],
          action: [
            { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code: 'access' }] },
          ],
          purpose: [purposeCoding(row.purpose)],
          class: permitted,
          ...(labels.length > 0 ? { securityLabel: labels } : {}),
        },
      ],
    },
  };
}

/** Who brought a version about, as FHIR tells it. */
export function tellProvenance(row: ProvenanceRow): Provenance {
  const { author } = row;
  const kinds = {
    clinician: 'author',
    registry: 'assembler',
    citizen: 'informant',
    system: 'assembler',
  } as const;
  return {
    resourceType: 'Provenance',
    id: row.id,
    meta: meta(1, row.updated_at),
    target: [{ reference: `${row.type}/${row.resource_id}/_history/${row.version}` }],
    recorded: row.updated_at.toISOString(),
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          code: row.version === 1 ? 'CREATE' : 'UPDATE',
        },
      ],
    },
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: kinds[author.kind],
            },
          ],
        },
        who: author.kind === 'citizen' ? patient(row.record_id) : { display: author.name },
        ...(author.agency ? { onBehalfOf: organisation(author.agency) } : {}),
      },
    ],
  };
}

const actions = {
  read: ['read', 'R'],
  search: ['search-type', 'E'],
  history: ['history-instance', 'R'],
  document: ['read', 'R'],
  create: ['create', 'C'],
  update: ['update', 'U'],
  'break-glass': ['operation', 'E'],
  judge: ['operation', 'U'],
} as const;

/**
 * An access as FHIR tells it, in words that its citizen understands too.
 *
 * @param record of the citizen who reads it: others that the same request concerned are not named
 */
export function tellAccess(row: AccessRow, record: string): AuditEvent {
  const [interaction, action] = actions[row.action];
  const said = sayAccess(row);
  return {
    resourceType: 'AuditEvent',
    id: row.id,
    meta: meta(1, row.updated_at),
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: interaction }],
    action,
    recorded: row.updated_at.toISOString(),
    outcome: row.ground === 'none' ? '4' : '0',
    outcomeDesc: `${said.vi} · ${said.en}`,
    ...(row.purpose ? { purposeOfEvent: [{ coding: [purposeCoding(row.purpose)] }] } : {}),
    agent: [
      {
        requestor: true,
        who: { display: row.actor.name },
        name: row.actor.name,
        ...(row.ground === 'emergency' || row.action === 'break-glass'
          ? { policy: ['urn:motcua:break-glass'] }
          : {}),
      },
      ...(row.actor.agency
        ? [{ requestor: false, who: organisation(row.actor.agency, row.agency_name?.vi) }]
        : []),
    ],
    source: {
      observer: { display: 'Motcua' },
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    entity: [
      {
        what: patient(record),
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
        ...(row.type ? { detail: [{ type: 'resourceType', valueString: row.type }] } : {}),
      },
    ],
  };
}

/** The address of a resource below the endpoint. */
export const addressOf = ({ resourceType, id = '' }: FhirResource) => `${resourceType}/${id}`;
