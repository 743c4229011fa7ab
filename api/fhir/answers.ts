import type { RequestHandler, Response } from 'express';
import type { FhirResource } from 'fhir/r4.js';
import { isStored, type ResourceType } from '../../fhir/resource-types.ts';
import type { Database, Transaction } from '../../records/db.ts';
import { isErased, recordOf } from '../../records/fhir/resources.ts';
import { fhirJson, FhirProblem, nothingThere } from './outcome.ts';
import type { Given, ReadingOutcome } from './reading.ts';

/** What one resource gives, and whose it is. */
export const given = (one: Given): ReadingOutcome<Given> => ({
  answer: one,
  records: [one.recordId],
  found: 1,
});

/** Nothing is given; whose record it is, if anybody's, is entered as refused. */
export async function refused(
  trx: Transaction,
  type: ResourceType,
  id: string,
): Promise<ReadingOutcome<undefined>> {
  const record = isStored(type) ? await recordOf(trx, { type, id }) : undefined;
  return { answer: undefined, records: record ? [record] : [], found: 0, refused: true };
}

/** Why nothing was given: it was erased, which says nothing about anybody, or it is not there for this reader. */
export async function goneOrMissing(db: Database, type: ResourceType, id: string): Promise<FhirProblem> {
  return isStored(type) && (await isErased(db, { type, id }))
    ? new FhirProblem(410, 'deleted', 'Hồ sơ đã được xóa · The record was erased')
    : nothingThere();
}

/** What FHIR tells is about people: nothing between us and the caller keeps it. */
export const privately: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'private, no-store');
  next();
};

/** Sends a resource. */
export const send = (res: Response, resource: FhirResource): void => {
  res.type(fhirJson).send(JSON.stringify(resource));
};
