import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import { z } from 'zod';
import { readSigner } from '../../activities/documents/keystore.ts';
import type { Clock } from '../../clock.ts';
import { makeCrl } from './crl.ts';
import { answerOcsp } from './ocsp.ts';
import { openRevocations } from './revocations.ts';
import { answerTimestamp } from './timestamp.ts';

/** How the sample authority behaves; each service can be switched off. */
const Control = z.strictObject({ down: z.array(z.enum(['timestamps', 'ocsp', 'crl'])).default([]) });

const mostBytes = '64kb';

/**
 * Makes the trust services of a development installation over the folder of `preparePki`. Below `/dev-pki`, which Motcua
 * shows to everybody: timestamps (RFC 3161, `POST /timestamps`), answers about revocation (RFC 6960, `/ocsp`), lists
 * (`/issuer.crl`, `/root.crl`) and the authorities' certificates (`/issuer.cer`, `/root.cer`). Beside it, for this machine
 * alone: `PUT /control` switches services off, `POST /revocations` revokes a certificate (PEM).
 */
export async function createAuthority({ folder, clock }: { folder: string; clock: Clock }): Promise<Express> {
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const [rootPem, rootKey, issuerPem, timestampsPem, revocationPem] = (await Promise.all(
    ['root.pem', 'root.key', 'issuer.pem', 'timestamps.pem', 'revocation.pem'].map(read),
  )) as [string, string, string, string, string];
  const root = { certificate: new X509Certificate(rootPem), key: createPrivateKey(rootKey) };
  const issuer = { certificate: new X509Certificate(issuerPem), key: createPrivateKey(issuerPem) };
  const revocations = openRevocations(join(folder, 'revoked.jsonl'));
  const responder = {
    issuer: issuer.certificate,
    certificate: new X509Certificate(revocationPem),
    key: createPrivateKey(revocationPem),
    revocations,
  };
  const timestamps = readSigner(timestampsPem, 'timestamps.pem');
  let { down } = Control.parse({});

  const services = express.Router();
  const up =
    (service: (typeof down)[number]): RequestHandler =>
    (_req, res, next) =>
      down.includes(service) ? void res.status(503).end() : next();
  const body = (type: string) => express.raw({ type: `application/${type}`, limit: mostBytes });
  const bytes = (given: unknown) => (Buffer.isBuffer(given) ? given : Buffer.alloc(0));

  services.post('/timestamps', up('timestamps'), body('timestamp-query'), async (req, res) => {
    const answer = await answerTimestamp(bytes(req.body), timestamps, clock.now());
    res.type('application/timestamp-reply').send(answer);
  });
  services.post('/ocsp', up('ocsp'), body('ocsp-request'), (req, res) => {
    res.type('application/ocsp-response').send(answerOcsp(bytes(req.body), responder, clock.now()));
  });
  services.get(/^\/ocsp\/(.+)$/, up('ocsp'), (req, res) => {
    // RFC 6960, A.1: base64 in the path, whose slashes may not be escaped.
    const request = Buffer.from(req.params[0] ?? '', 'base64');
    res.type('application/ocsp-response').send(answerOcsp(request, responder, clock.now()));
  });
  services.get('/issuer.crl', up('crl'), (_req, res) => {
    res.type('application/pkix-crl').send(makeCrl(issuer, revocations.all(), clock.now()));
  });
  services.get('/root.crl', up('crl'), (_req, res) => {
    res.type('application/pkix-crl').send(makeCrl(root, [], clock.now()));
  });
  for (const [name, { certificate }] of Object.entries({ root, issuer }))
    services.get(`/${name}.cer`, (_req, res) => void res.type('application/pkix-cert').send(certificate.raw));

  const app = express();
  app.disable('x-powered-by');
  app.use('/dev-pki', services);
  app.put('/control', express.json(), (req, res) => {
    const given = Control.safeParse(req.body);
    if (!given.success) return void res.status(422).json({ title: z.prettifyError(given.error) });
    ({ down } = given.data);
    res.json({ down });
  });
  app.post('/revocations', express.json(), (req, res) => {
    const given = Revoking.safeParse(req.body);
    if (!given.success) return void res.status(422).json({ title: z.prettifyError(given.error) });
    res.json(revocations.revoke(given.data.certificate, clock.now()));
  });
  return app;
}

const isPem = (text: string) => {
  try {
    return Boolean(new X509Certificate(text));
  } catch {
    return false;
  }
};
const Revoking = z.strictObject({
  certificate: z.string().max(16_384).refine(isPem, 'a certificate as PEM'),
});
