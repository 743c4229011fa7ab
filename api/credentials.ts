import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { issueCredential } from '../credentials/credential.ts';
import { listLifetime, listSize, placeOf, signStatusList } from '../credentials/status-list.ts';
import { attachedDecision } from '../records/attached-decision.ts';
import { findDocument, type IssuedRecord } from '../records/documents.ts';
import { endOfDay } from '../records/local-day.ts';
import { standingIn } from '../records/parties.ts';
import { Refusal } from '../records/refusal.ts';
import { outOfForce } from '../records/statuses.ts';
import { Applicant, fieldNames } from '../workflows/engine/form.ts';
import { everybody, signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { anybody, json, refused } from './schemas.ts';

const Path = z.object({ id: z.uuid() });
const ListPath = z.object({ list: z.coerce.number().int().min(0).max(1_000_000) });
const TypePath = z.object({ procedure: z.string(), document: z.string() });

/** A signed text and its media type. */
const signed = (description: string, type: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
});

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/documents/{id}/credential': {
    get: {
      summary:
        'A result as a verifiable credential (SD-JWT VC), for whoever applied for it to keep in a wallet',
      requestParams: { path: Path },
      responses: {
        200: signed('The credential with all its disclosures', 'application/dc+sd-jwt'),
        default: refused,
      },
    },
  },
  '/credentials/{procedure}/{document}': {
    get: {
      summary: 'What the claims of a type of credential mean (SD-JWT VC type metadata)',
      security: anybody,
      requestParams: { path: TypePath },
      responses: { 200: json('Type metadata', z.looseObject({ vct: z.url() })), default: refused },
    },
  },
  '/status-lists/{list}': {
    get: {
      summary: 'Which documents are no longer in force (Token Status List): 1 is superseded or revoked',
      security: anybody,
      requestParams: { path: ListPath },
      responses: { 200: signed('The list', 'application/statuslist+jwt'), default: refused },
    },
  },
  '/.well-known/jwt-vc-issuer': {
    get: {
      summary: 'Who issues credentials here, and where the keys are',
      security: anybody,
      responses: { 200: json('Issuer', z.object({ issuer: z.url(), jwks_uri: z.url() })) },
    },
  },
  '/.well-known/jwks.json': {
    get: {
      summary: 'Public keys that vouch for QR codes and credentials, earlier ones too',
      security: anybody,
      responses: { 200: json('JWKS', z.object({ keys: z.array(z.looseObject({ kid: z.string() })) })) },
    },
  },
};

/** Results as verifiable credentials, and what their verifiers need. */
export function credentials(deps: Pick<Deps, 'db' | 'objects' | 'clock' | 'issuer' | 'procedures'>): Router {
  const { db, clock, issuer, procedures } = deps;
  const router = Router();
  const cached = 'public, max-age=3600';

  router.get('/api/v1/documents/:id/credential', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const at = clock.now();
    const document = await findDocument(db, actorIn(req), id, at);
    const standing = await standingIn(db, actorIn(req), document.caseCode, at);
    if (standing?.as !== 'applicant')
      throw new Refusal('not-yours', 'Chỉ người được cấp nhận được · Only whom it was issued to gets it');
    res.type('application/dc+sd-jwt').send(await credentialOf(deps, document, at));
  });

  router.get('/credentials/:procedure/:document', everybody, (req, res) => {
    const { procedure: id, document } = checkAddress(req, TypePath, req.params);
    const procedure = procedures.get(id);
    const title = procedure?.documents[document]?.title;
    if (!procedure || !title) throw new Refusal('not-found', 'Không có loại này · There is no such type');
    const claims = [
      ...namedClaims('applicant', fieldNames(Applicant)),
      ...namedClaims('answers', fieldNames(procedure.application)),
    ];
    const display = [
      { locale: 'vi', name: title.vi },
      { locale: 'en', name: title.en },
    ];
    res
      .set('Cache-Control', cached)
      .json({ vct: typeOf(issuer.url, id, document), name: title.en, display, claims });
  });

  router.get('/status-lists/:list', everybody, async (req, res) => {
    const { list } = checkAddress(req, ListPath, req.params);
    const { any, places } = await outOfForce(db, list * listSize, listSize);
    if (!any && list > 0) throw new Refusal('not-found', 'Chưa có danh sách này · There is no such list yet');
    const jwt = await signStatusList(issuer, {
      list,
      outOfForce: places.map((place) => place % listSize),
      at: clock.now(),
    });
    res.set('Cache-Control', `public, max-age=${listLifetime}`).type('application/statuslist+jwt').send(jwt);
  });

  router.get('/.well-known/jwt-vc-issuer', everybody, (_req, res) => {
    res
      .set('Cache-Control', cached)
      .json({ issuer: issuer.url, jwks_uri: `${issuer.url}/.well-known/jwks.json` });
  });

  router.get('/.well-known/jwks.json', everybody, (_req, res) => {
    res.set('Cache-Control', cached).json({ keys: issuer.keys });
  });

  return router;
}

const typeOf = (url: string, procedure: string, document: string) =>
  `${url}/credentials/${procedure}/${document}`;

/** The credential of a result that is in force, made from what is attached to it. */
async function credentialOf(
  { objects, issuer, procedures }: Pick<Deps, 'objects' | 'issuer' | 'procedures'>,
  document: IssuedRecord,
  at: Date,
): Promise<string> {
  if (document.supersededBy ?? document.revokedBy)
    throw new Refusal('out-of-force', 'Văn bản không còn hiệu lực · The document is no longer in force');
  const decision = await attachedDecision(await objects.read(document.sha256));
  if (!procedures.get(decision.procedure.id)?.documents[document.document])
    throw new Refusal('not-found', 'Chỉ dành cho kết quả · Only results have one');
  const { applicant, answers, findings } = decision;
  return issueCredential(issuer, {
    type: typeOf(issuer.url, decision.procedure.id, document.document),
    open: {
      document: decision.id,
      number: decision.document.number,
      title: decision.document.title.vi,
      agency: decision.agency.name.vi,
      issued_at: decision.issuedAt,
    },
    disclosable: { applicant, answers, findings },
    status: placeOf(issuer, document.statusIndex),
    issuedAt: at,
    expiresAt: document.validUntil ? endOfDay(document.validUntil) : undefined,
  });
}

/** Claims with their names; each top-level one may be left out by the holder. */
const namedClaims = (claim: string, names: Record<string, { vi: string; en: string }>) =>
  Object.entries(names).map(([pointer, { vi, en }]) => {
    const path = pointer.slice(1).split('/');
    return {
      path: [claim, ...path],
      display: [
        { locale: 'vi', label: vi },
        { locale: 'en', label: en },
      ],
      ...(path.length === 1 && { sd: 'always' }),
    };
  });
