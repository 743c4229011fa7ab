import {
  constants,
  createHash,
  createPrivateKey,
  privateEncrypt,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import express, { type Response } from 'express';
import { z } from 'zod';
import { certificatesIn } from '../records/certificates.ts';
import { serve } from '../embedded/agencies/desk.ts';

/** A remote signing service after the API of the Cloud Signature Consortium, version 2, with one credential. */
export interface SigningService {
  url: string;
  /** What it was asked, in order. */
  asked: string[];
  behaviour: {
    key: 'enabled' | 'disabled';
    cert: 'valid' | 'revoked';
    /** Signs something else than it was asked to. */
    lies: boolean;
    /** How many signatures one authorisation is for. */
    multisign: number;
    status?: number;
  };
  close(): Promise<void>;
}

/** What the service expects of its users. */
export const account = { clientId: 'motcua', clientSecret: 'open sesame', PIN: '1234', OTP: '987654' };

const base64 = z.base64();
const About = {
  credentialID: z.literal('seal'),
  hashes: z.array(base64).min(1),
  hashAlgorithmOID: z.string(),
};
const Authorize = z.strictObject({
  ...About,
  numSignatures: z.int().min(1),
  authData: z.array(z.strictObject({ id: z.string(), value: z.string() })),
});
const SignHash = z.strictObject({
  ...About,
  SAD: z.string(),
  signAlgo: z.string(),
  signAlgoParams: base64.optional(),
});
const Info = z.object({ credentialID: z.literal('seal'), certificates: z.literal('chain') });

/** Starts a service that signs with the RSA key of a PEM file: key, certificate, issuers. */
export async function openSigningService(pem: string): Promise<SigningService> {
  const chain = certificatesIn(pem).map((block) => new X509Certificate(block));
  const key = createPrivateKey(pem);
  const token = 'a bearer token';
  /** Signature activation data, each for the hashes that were authorised. */
  const activations = new Map<string, string>();
  const asked: string[] = [];
  const behaviour: SigningService['behaviour'] = { key: 'enabled', cert: 'valid', lies: false, multisign: 1 };

  const app = express();
  const refuse = (res: Response, status: number, error: string, words: string) =>
    void res.status(status).json({ error, error_description: words });
  app.use((req, res, next) => {
    asked.push(req.path.replace('/csc/v2/', ''));
    if (behaviour.status) return void res.status(behaviour.status).end();
    next();
  });
  app.post('/csc/v2/oauth2/token', express.urlencoded({ extended: false }), (req, res) => {
    const { client_id: id, client_secret: secret } = req.body as Record<string, string>;
    if (id !== account.clientId || secret !== account.clientSecret)
      return refuse(res, 401, 'invalid_client', 'The client is not known');
    res.json({ access_token: token, token_type: 'Bearer', expires_in: 60 });
  });
  app.use(express.json(), (req, res, next) => {
    if (req.get('authorization') === `Bearer ${token}`) return next();
    refuse(res, 401, 'invalid_token', 'The access token is not valid');
  });
  app.post('/csc/v2/credentials/info', (req, res) => {
    Info.parse(req.body);
    res.json({
      key: { status: behaviour.key, algo: ['1.2.840.113549.1.1.11'], len: 2048 },
      cert: { status: behaviour.cert, certificates: chain.map(({ raw }) => raw.toString('base64')) },
      multisign: behaviour.multisign,
      auth: { mode: 'explicit', expression: 'PIN AND OTP' },
    });
  });
  app.post('/csc/v2/credentials/authorize', (req, res) => {
    const { hashes, numSignatures, authData } = Authorize.parse(req.body);
    if (numSignatures !== hashes.length || numSignatures > behaviour.multisign)
      return refuse(res, 400, 'invalid_request', 'So many signatures are not allowed');
    const given = Object.fromEntries(authData.map(({ id, value }) => [id, value]));
    if (given['PIN'] !== account.PIN) return refuse(res, 400, 'invalid_pin', 'The PIN is wrong');
    if (given['OTP'] !== account.OTP) return refuse(res, 400, 'invalid_otp', 'The OTP is wrong');
    const SAD = createHash('sha256').update(hashes.join()).digest('hex');
    activations.set(SAD, hashes.join());
    res.json({ SAD, expiresIn: 60 });
  });
  app.post('/csc/v2/signatures/signHash', (req, res) => {
    const { hashes, SAD } = SignHash.parse(req.body);
    if (activations.get(SAD) !== hashes.join())
      return refuse(res, 400, 'invalid_request', 'The SAD is for other hashes');
    activations.delete(SAD);
    const signatures = hashes.map((hash) => {
      const digest = Buffer.from(hash, 'base64');
      if (behaviour.lies) digest.reverse();
      return signHash(digest, key).toString('base64');
    });
    res.json({ signatures });
  });
  const { url, close } = await serve(app, 0);
  return { url, asked, behaviour, close };
}

/** A hash with its algorithm before it, as PKCS#1 v1.5 signs it (RFC 8017, 9.2). */
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex');

const signHash = (digest: Buffer, key: KeyObject): Buffer =>
  privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([sha256Info, digest]));
