import { Router } from 'express';
import type { Composition } from 'fhir/r4.js';
import { may } from '../abilities.ts';
import type { Deps } from '../deps.ts';
import { given, goneOrMissing, refused, send } from './answers.ts';
import { historyOf } from './bundles.ts';
import { hasVersions } from './capability.ts';
import { documentFor } from './document.ts';
import { nothingThere } from './outcome.ts';
import { findOne, findVersions, reading } from './reading.ts';
import { etagOf, expectJson, idIn, readerIn, typeIn, versionIn } from './request.ts';

const reads = may('read', 'health-records');

/** Reading one resource: as it is, as it was, and all that a summary refers to. */
export function instances(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const { db, config } = deps;
  const base = `${config.publicUrl}/fhir`;
  const router = Router();

  router.get('/fhir/Composition/:id/\\$document', reads, async (req, res) => {
    expectJson(req);
    const reader = readerIn(req, deps);
    const [type, id] = ['Composition' as const, idIn(req)];
    const bundle = await reading(db, reader, { action: 'document', type }, async (trx) => {
      const found = await findOne(trx, reader, type, id);
      if (!found) return refused(trx, type, id);
      const answer = await documentFor(trx, reader, base, found.resource as Composition);
      return { answer, records: [found.recordId], found: answer.entry?.length ?? 0 };
    });
    if (!bundle) throw await goneOrMissing(db, type, id);
    send(res, bundle);
  });

  router.get('/fhir/:type/:id', reads, async (req, res) => {
    expectJson(req);
    const { type } = typeIn(req);
    const reader = readerIn(req, deps);
    const id = idIn(req);
    const found = await reading(db, reader, { action: 'read', type }, async (trx) => {
      const one = await findOne(trx, reader, type, id);
      return one ? given(one) : refused(trx, type, id);
    });
    if (!found) throw await goneOrMissing(db, type, id);
    const { versionId = '1', lastUpdated = '' } = found.resource.meta ?? {};
    res.set({ ETag: etagOf(Number(versionId)), 'Last-Modified': new Date(lastUpdated).toUTCString() });
    if (versionIn(req.get('if-none-match')) === Number(versionId)) {
      res.status(304).end();
      return;
    }
    send(res, found.resource);
  });

  router.get('/fhir/:type/:id/_history', reads, async (req, res) => {
    expectJson(req);
    const { type } = typeIn(req);
    const reader = readerIn(req, deps);
    const id = idIn(req);
    if (!hasVersions(type)) throw nothingThere();
    const found = await reading(db, reader, { action: 'history', type }, async (trx) => {
      const versions = await findVersions(trx, reader, type, id);
      const [latest] = versions;
      if (!latest) return refused(trx, type, id);
      return { answer: versions, records: [latest.recordId], found: versions.length };
    });
    if (!found) throw await goneOrMissing(db, type, id);
    const versions = found.map(({ resource }) => resource);
    send(res, historyOf(base, versions, `${base}/${type}/${id}/_history`));
  });

  router.get('/fhir/:type/:id/_history/:version', reads, async (req, res) => {
    expectJson(req);
    const { type } = typeIn(req);
    const reader = readerIn(req, deps);
    const id = idIn(req);
    const version = versionIn(String(req.params['version']));
    if (!hasVersions(type) || version === undefined) throw nothingThere();
    const found = await reading(db, reader, { action: 'history', type }, async (trx) => {
      const [one] = await findVersions(trx, reader, type, id, version);
      return one ? given(one) : refused(trx, type, id);
    });
    if (!found) throw await goneOrMissing(db, type, id);
    res.set('ETag', etagOf(version));
    send(res, found.resource);
  });

  return router;
}
