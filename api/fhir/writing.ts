import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import type { FhirResource, OperationOutcomeIssue, Reference } from 'fhir/r4.js';
import { dataClassOf, sensitiveClassesOf } from '../../fhir/labels.ts';
import type { StoredType } from '../../fhir/resource-types.ts';
import { faultsOf } from '../../fhir/validate.ts';
import type { Transaction } from '../../records/db.ts';
import { noteAccess } from '../../records/fhir/accesses.ts';
import { authorOf, danglingReferences } from '../../records/fhir/concerned.ts';
import { groundToWrite, type Ground, type Reader } from '../../records/fhir/grounds.ts';
import { findResource, insertResource, updateResource, type Author } from '../../records/fhir/resources.ts';
import { FhirProblem, nothingThere } from './outcome.ts';
import { isId, versionIn } from './request.ts';

/** What is about to be written: a resource of a health worker that FHIR's own rules accept. */
export interface Written {
  type: StoredType;
  resource: FhirResource;
  /** Id of the patient, which is that of the record. */
  recordId: string;
}

const issue = (
  code: OperationOutcomeIssue['code'],
  diagnostics: string,
  expression: string,
): OperationOutcomeIssue => ({
  severity: 'error',
  code,
  diagnostics,
  expression: [expression],
});
const refuse = (issues: OperationOutcomeIssue[]) => new FhirProblem(422, 'processing', '', issues);

/**
 * Checks what was sent by FHIR's rules and by those of this server.
 *
 * @throws FhirProblem 400 where it is another type, 422 with every place that is wrong
 */
export function checkWritten(req: Request, type: StoredType): Written {
  const resource = req.body as FhirResource;
  if ((resource as { resourceType?: unknown } | undefined)?.resourceType !== type)
    throw new FhirProblem(400, 'invalid', `Nội dung không phải ${type} · The body is no ${type}`);
  const faults = faultsOf(resource);
  if (faults.length > 0) throw refuse(faults);
  const own = ownFaults(resource);
  if (own.length > 0) throw refuse(own);
  return { type, resource, recordId: patientOf(resource).slice('Patient/'.length) };
}

const patientOf = (resource: FhirResource): string => {
  const { patient, subject } = resource as { patient?: Reference; subject?: Reference };
  return (patient ?? subject)?.reference ?? '';
};

function ownFaults(resource: FhirResource): OperationOutcomeIssue[] {
  const { resourceType: type } = resource;
  const { text, contained, modifierExtension, implicitRules } = resource as unknown as Record<
    string,
    unknown
  >;
  const refused: [unknown, string, string][] = [
    [text, 'text', 'Không nhận phần trình bày HTML · Narratives are not taken: pages make their own'],
    [contained, 'contained', 'Không nhận tài nguyên lồng · Contained resources are not taken'],
    [
      modifierExtension,
      'modifierExtension',
      'Không hiểu phần mở rộng này · Modifier extensions are not understood',
    ],
    [implicitRules, 'implicitRules', 'Không hiểu quy tắc riêng · Rules of its own are not understood'],
  ];
  const patient = patientOf(resource);
  return [
    ...refused.flatMap(([value, name, why]) =>
      value === undefined ? [] : [issue('not-supported', why, `${type}.${name}`)],
    ),
    ...(patient.startsWith('Patient/') && isId(patient.slice('Patient/'.length))
      ? []
      : [issue('required', 'Phải là Patient/{id} · It must say Patient/{id}', `${type}.patient`)]),
  ];
}

/** What an act of writing needs. */
export interface WritingAct {
  trx: Transaction;
  reader: Reader;
}

/** What became of it. */
export interface Outcome {
  resource: FhirResource;
  created: boolean;
}

const authorIn = ({ actor }: Reader): Author => ({
  kind: 'clinician',
  sub: actor.sub,
  name: actor.name,
  agency: actor.agency,
});

/**
 * Checks that a consent, or a broken glass, covers what is written, and that all it refers to is there and the same patient's.
 *
 * @throws FhirProblem 404 where nothing covers it, 422
 */
async function expectCovered({ trx, reader }: WritingAct, { resource, recordId }: Written): Promise<Ground> {
  const about = { recordId, dataClass: dataClassOf(resource), sensitive: sensitiveClassesOf(resource) };
  const ground = await groundToWrite(trx, reader, about);
  if (!ground) throw nothingThere();
  const dangling = await danglingReferences(trx, recordId, resource);
  if (dangling.length > 0)
    throw refuse(
      dangling.map((reference) =>
        issue(
          'not-found',
          `${reference.slice(0, 80)}: không có trong hồ sơ này · is not in this record; name people and organisations by identifier`,
          resource.resourceType,
        ),
      ),
    );
  return ground;
}

/**
 * Keeps a new resource.
 *
 * @throws FhirProblem 404 or 422
 */
export async function create(act: WritingAct, written: Written): Promise<Outcome> {
  const { trx, reader } = act;
  const ground = await expectCovered(act, written);
  const { type, resource, recordId } = written;
  const id = randomUUID();
  const kept = await insertResource(trx, { recordId, id, resource, author: authorIn(reader), at: reader.at });
  if (!kept) throw new FhirProblem(409, 'conflict', 'Mã đã có · The id is taken');
  await noteAccess(trx, reader, { records: [recordId], action: 'create', type, ground, found: 1 });
  return { resource: await readBack(act, type, id, recordId), created: true };
}

/**
 * Keeps the next version of a resource that one's own facility has written.
 *
 * @param match the version that the writer knows, from `If-Match`
 * @throws FhirProblem 403 for what others have written, 404, 409 where somebody else was faster, 412, 422
 */
export async function update(
  act: WritingAct,
  written: Written,
  id: string,
  match: string | undefined,
): Promise<Outcome> {
  const { trx, reader } = act;
  const { type, resource, recordId } = written;
  if (resource.id !== undefined && resource.id !== id)
    throw refuse([
      issue('value', 'Khác mã trong địa chỉ · Differs from the id in the address', `${type}.id`),
    ]);
  const known = await findResource(trx, reader, { type, id });
  if (!known?.resource) throw nothingThere();
  if (match !== undefined && versionIn(match) !== known.version)
    throw new FhirProblem(
      412,
      'conflict',
      `Đã có phiên bản ${known.version} · It is at version ${known.version} by now`,
    );
  if (known.recordId !== recordId)
    throw refuse([
      issue('value', 'Không chuyển sang người khác được · It stays with its patient', `${type}.patient`),
    ]);
  const author = await authorOf(trx, { type, id });
  if (author.agency !== reader.actor.agency)
    throw new FhirProblem(
      403,
      'forbidden',
      'Chỉ cơ sở đã ghi được sửa · Only the facility that wrote it changes it',
    );
  const ground = await expectCovered(act, written);
  const writing = { recordId, id, resource, author: authorIn(reader), at: reader.at };
  if ((await updateResource(trx, writing, known.version)) === undefined)
    throw new FhirProblem(409, 'conflict', 'Người khác vừa sửa · Somebody else has just changed it');
  await noteAccess(trx, reader, { records: [recordId], action: 'update', type, ground, found: 1 });
  return { resource: await readBack(act, type, id, recordId), created: false };
}

/** What was kept, as whoever wrote it may read it. */
async function readBack(
  { trx, reader }: WritingAct,
  type: StoredType,
  id: string,
  recordId: string,
): Promise<FhirResource> {
  const kept = await findResource(trx, reader, { type, id });
  if (!kept?.resource) throw new Error(`a ${type} of ${recordId} cannot be read by whoever wrote it`);
  return kept.resource;
}
