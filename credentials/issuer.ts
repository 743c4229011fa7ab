import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, CompactSign, type JWK } from 'jose';
import { z } from 'zod';
import { ConfigError, required, type Config } from '../config.ts';

/** Whoever vouches for statements and credentials: this installation, with an EC key of its own beside those of signers. */
export interface Issuer {
  /** The address that names it: PUBLIC_URL. */
  url: string;
  /** Its public keys, the current one first. */
  keys: JWK[];
  /** Signs JSON as a compact JWS (RFC 7515, ES256); `typ` says what kind of thing it is (RFC 8725, 3.11). */
  sign(payload: object, typ?: string): Promise<string>;
}

const PublicKeys = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      kid: z.string().min(1),
      x: z.string(),
      y: z.string(),
    }),
  ),
});

/**
 * Opens the issuer whose key ISSUER_KEY is; ISSUER_EARLIER_KEYS keeps alive what its earlier keys have signed.
 *
 * @throws ConfigError when the key is missing or none, or the file of earlier keys cannot be read
 */
export async function openIssuer(config: Config): Promise<Issuer> {
  const { privateKey, publicKey } = keyOf(Buffer.from(required(config, 'ISSUER_KEY'), 'base64'));
  // Short, because it stands in every QR code; enough to tell the few keys of an issuer apart.
  const kid = (await calculateJwkThumbprint(publicKey)).slice(0, 8);
  return {
    url: config.publicUrl,
    keys: [{ ...publicKey, kid, alg: 'ES256', use: 'sig' }, ...(await earlierKeys(config))],
    sign: (payload, typ) =>
      new CompactSign(Buffer.from(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'ES256', kid, ...(typ && { typ }) })
        .sign(privateKey),
  };
}

/** The P-256 key whose private number these 32 bytes are. */
function keyOf(secret: Buffer): { privateKey: KeyObject; publicKey: JWK } {
  const curve = createECDH('prime256v1');
  try {
    curve.setPrivateKey(secret);
  } catch {
    throw new ConfigError('ISSUER_KEY is no key of P-256; make another one: openssl rand -base64 32');
  }
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const publicKey = { kty: 'EC', crv: 'P-256', x, y };
  const privateKey = createPrivateKey({
    key: { ...publicKey, d: secret.toString('base64url') },
    format: 'jwk',
  });
  return { privateKey, publicKey };
}

async function earlierKeys({ ISSUER_EARLIER_KEYS: file }: Config): Promise<JWK[]> {
  if (!file) return [];
  try {
    return PublicKeys.parse(JSON.parse(await readFile(file, 'utf8'))).keys;
  } catch (error) {
    throw new ConfigError(
      `ISSUER_EARLIER_KEYS is "${file}"; allowed: a JWKS of P-256 keys (${(error as Error).message})`,
    );
  }
}
