import express, { Router, type Request, type Response } from 'express';
import { isStored, type StoredType } from '../../fhir/resource-types.ts';
import type { Transaction } from '../../records/db.ts';
import { noteAccess, type AccessAction } from '../../records/fhir/accesses.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { may } from '../abilities.ts';
import type { Deps } from '../deps.ts';
import { send } from './answers.ts';
import { fhirJson, FhirProblem } from './outcome.ts';
import { searchFor, type Given } from './reading.ts';
import { etagOf, idIn, readerIn, typeIn } from './request.ts';
import { givenParameters, parametersOf, searchOf } from './search-request.ts';
import { checkWritten, create, update, type Outcome, type Written } from './writing.ts';

const mayWrite = may('change', 'health-records');

/** Reads the body of a request as FHIR. */
export const readBody = express.json({
  limit: '256kb',
  type: ['application/fhir+json', 'application/json'],
});

/** Creating and updating what health workers write, also on a condition; each is one transaction with its entry among the accesses. */
export function writes(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const { db, config } = deps;
  const router = Router();

  router.post('/fhir/:type', mayWrite, readBody, async (req, res) => {
    await write(req, res, 'create', async (trx, reader, written) => {
      const condition = req.get('if-none-exist');
      const one =
        condition === undefined ? undefined : await matching(trx, req, reader, conditionsIn(condition));
      if (one) return { ...one, created: false };
      return create({ trx, reader }, written);
    });
  });

  router.put('/fhir/:type/:id', mayWrite, readBody, async (req, res) => {
    await write(req, res, 'update', (trx, reader, written) =>
      update({ trx, reader }, written, idIn(req), req.get('if-match')),
    );
  });

  router.put('/fhir/:type', mayWrite, readBody, async (req, res) => {
    await write(req, res, 'update', async (trx, reader, written) => {
      const one = await matching(trx, req, reader, givenParameters(req));
      if (!one) return create({ trx, reader }, written);
      return update({ trx, reader }, written, one.resource.id ?? '', req.get('if-match'));
    });
  });

  return router;

  /** Does an act of writing; a refusal is entered too, as whoever was refused has learnt that nobody lets them. */
  async function write(
    req: Request,
    res: Response,
    action: AccessAction,
    work: (trx: Transaction, reader: Reader, written: Written) => Promise<Outcome>,
  ): Promise<void> {
    const type = writableIn(req);
    const reader = readerIn(req, deps);
    const written = checkWritten(req, type);
    try {
      answer(res, await db.transaction((trx) => work(trx, reader, written)));
    } catch (error) {
      if (error instanceof FhirProblem && (error.status === 403 || error.status === 404))
        await db.transaction(async (trx) => {
          const known = await trx('health_records')
            .where({ id: written.recordId })
            .first<{ id: string } | undefined>('id');
          const records = known ? [written.recordId] : [];
          await noteAccess(trx, reader, { records, action, type, ground: 'none', found: 0 });
        });
      throw error;
    }
  }

  function answer(res: Response, { resource, created }: Outcome): void {
    const { versionId = '1', lastUpdated = '' } = resource.meta ?? {};
    const { resourceType: type, id = '' } = resource;
    res.set({
      ETag: etagOf(Number(versionId)),
      Location: `${config.publicUrl}/fhir/${type}/${id}/_history/${versionId}`,
      'Last-Modified': new Date(lastUpdated).toUTCString(),
    });
    send(res.status(created ? 201 : 200), resource);
  }
}

/** The condition of a header, which may repeat the type. */
const conditionsIn = (header: string): [string, string][] => [
  ...new URLSearchParams(header.replace(/^[^?]*\?/, '')),
];

/**
 * Finds what a condition matches, of what the writer may see.
 *
 * @throws FhirProblem 412 where it matches several, or says nothing
 */
async function matching(
  trx: Transaction,
  req: Request,
  reader: Reader,
  parameters: [string, string][],
): Promise<Given | undefined> {
  const { type, facts } = typeIn(req);
  const conditions = parameters.filter(([name]) => !name.startsWith('_'));
  if (conditions.length === 0)
    throw new FhirProblem(412, 'required', 'Thiếu điều kiện · There is no condition');
  const search = { ...searchOf(parametersOf(type, facts), conditions), count: 2 };
  const { rows } = await searchFor(trx, reader, type, search);
  if (rows.length > 1)
    throw new FhirProblem(
      412,
      'multiple-matches',
      'Điều kiện không xác định một · More than one resource matches',
    );
  return rows[0];
}

/**
 * The type in the address, where health workers may write it.
 *
 * @throws FhirProblem 404, 405, or 415 for a body that is no JSON
 */
function writableIn(req: Request): StoredType {
  const { type, facts } = typeIn(req);
  if (!isStored(type) || facts.writtenBy !== 'clinicians')
    throw new FhirProblem(405, 'not-supported', 'Loại này chỉ để xem · This type is only read');
  if (!req.is(['application/fhir+json', 'application/json']))
    throw new FhirProblem(
      415,
      'not-supported',
      `Nội dung phải là ${fhirJson} · The body must be ${fhirJson}`,
    );
  return type;
}
