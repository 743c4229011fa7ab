import express, { Router, type RequestHandler } from 'express';
import type { Interactions, ResourceType } from '../../fhir/resource-types.ts';
import type { Transaction } from '../../records/db.ts';
import { recordsAbout } from '../../records/fhir/concerned.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import type { Found, Search } from '../../records/fhir/search.ts';
import { may } from '../abilities.ts';
import type { Deps } from '../deps.ts';
import { send } from './answers.ts';
import { searchset } from './bundles.ts';
import { FhirProblem } from './outcome.ts';
import { pageTokens } from './paging.ts';
import { ownRecord, reading, searchFor, type Given, type ReadingOutcome } from './reading.ts';
import { expectJson, readerIn, typeIn } from './request.ts';
import { givenParameters, parametersOf, searchOf } from './search-request.ts';

const reads = may('read', 'health-records');
const readForm = express.urlencoded({ extended: false, limit: '16kb' });

/** Searching a type: by address, or by a form so that what is searched for stands in no address and no log of a proxy. */
export function searches(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const { db, config } = deps;
  const base = `${config.publicUrl}/fhir`;
  const pages = pageTokens(config);
  const router = Router();

  const search: RequestHandler = async (req, res) => {
    expectJson(req);
    const { type, facts } = typeIn(req);
    const reader = readerIn(req, deps);
    const { _page: page } = req.query;
    const going = typeof page === 'string' ? pages.read(page, type) : undefined;
    const parameters = going?.parameters ?? givenParameters(req);
    const after = going && { updatedAt: going.updatedAt, id: going.id };
    const wanted = { ...searchOf(parametersOf(type, facts), parameters), after };
    const found = await reading(db, reader, { action: 'search', type }, (trx) =>
      searchOnBehalf(trx, reader, type, facts, wanted),
    );
    if (!found)
      throw new FhirProblem(403, 'forbidden', 'Chỉ công dân xem được · Only its citizen reads that');
    const { rows, total, next } = found;
    const bundle = searchset(base, {
      resources: rows.map(({ resource }) => resource),
      total,
      self: selfOf(`${base}/${type}`, parameters),
      next: next && `${base}/${type}?_page=${pages.write({ type, parameters, ...next })}`,
    });
    send(res, bundle);
  };

  router.get('/fhir/:type', reads, search);
  router.post('/fhir/:type/_search', reads, readForm, search);
  return router;
}

/**
 * Searches for somebody. Citizens find their own, whatever they ask for; others must say in whose record they look, and find whose those may be by the consents
 * that name their agency.
 *
 * @throws FhirProblem 400 `too-costly`
 */
async function searchOnBehalf(
  trx: Transaction,
  reader: Reader,
  type: ResourceType,
  facts: Interactions,
  wanted: Search,
): Promise<ReadingOutcome<Found<Given> | undefined>> {
  const isOwn = reader.actor.roles.includes('citizen') && reader.purpose === undefined;
  const about = await recordsAbout(trx, type, wanted);
  if (facts.ownOnly && !isOwn) return { answer: undefined, records: about, found: 0, refused: true };
  if (isOwn && facts.patient && !wanted.patients) {
    const own = await ownRecord(trx, reader);
    wanted.patients = own ? [own.id] : [];
  }
  const narrowed = wanted.patients ?? wanted.ids ?? wanted.identifiers;
  if (!isOwn && !narrowed && type !== 'Consent')
    throw new FhirProblem(
      400,
      'too-costly',
      'Hãy nêu patient, _id hoặc identifier · Say which patient, _id or identifier',
    );
  const answer = await searchFor(trx, reader, type, wanted);
  const records = new Set([...about, ...answer.rows.map(({ recordId }) => recordId)]);
  return { answer, records: [...records], found: answer.rows.length };
}

/** The address of a search, without what may be personal in it. */
function selfOf(address: string, parameters: readonly [string, string][]): string {
  const shown = parameters.filter(([name]) => name !== 'identifier' && name !== '_page');
  const query = new URLSearchParams(shown.map((each): [string, string] => each)).toString();
  return query ? `${address}?${query}` : address;
}
