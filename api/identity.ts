import * as jose from 'jose';
import * as oidc from 'openid-client';
import type { Config } from '../config.ts';
import { required } from '../config.ts';
import { Refusal } from '../records/refusal.ts';
import { claimNames, vouchedBy, type ClaimNames, type Vouched } from './claims.ts';

/** The identity provider as the API uses it. */
export interface Identity {
  /** Who holds a bearer token; throws Refusal `not-signed-in`, or `not-ready` while the provider's keys are unknown. */
  verify(token: string): Promise<Vouched>;
  /** Reads the claims of an ID token that the client has verified; undefined when they name nobody. */
  read(claims: unknown): Vouched | undefined;
  /** The keys that the provider signs with; throws Refusal `not-ready` while they cannot be had. */
  keys(): Promise<jose.JWTVerifyGetKey>;
  /** The provider's client for the browser's sign-in; throws Refusal `not-ready` while it cannot be reached. */
  client(): Promise<oidc.Configuration>;
}

/** By how much the clocks of the issuer and of this machine may differ. */
export const slackSeconds = 30;
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

/** Connects to the issuer of the configuration when somebody first needs it, and tries again until it answers. */
export function issuerOf(config: Config): Identity {
  const issuer = required(config, 'OIDC_ISSUER');
  const names = claimNames(config);
  let found: Promise<oidc.Configuration> | undefined;
  let known: jose.JWTVerifyGetKey | undefined;

  const client = (): Promise<oidc.Configuration> => {
    found ??= discover(config, issuer).catch(() => {
      found = undefined;
      throw away();
    });
    return found;
  };

  const keys = async (): Promise<jose.JWTVerifyGetKey> => {
    if (known) return known;
    const { jwks_uri: address } = (await client()).serverMetadata();
    if (!address) throw away();
    return (known ??= jose.createRemoteJWKSet(new URL(address)));
  };

  return {
    client,
    keys,
    read: (claims) => vouchedBy(claims, names),
    verify: async (token) =>
      verifyWith(await keys(), token, { issuer, audience: config.OIDC_AUDIENCE }, names),
  };
}

/**
 * Verifies a token's signature, issuer, audience and time with the given keys.
 *
 * @throws Refusal `not-signed-in`, or `not-ready` when the keys could not be had
 */
export async function verifyWith(
  keys: jose.JWTVerifyGetKey,
  token: string,
  expected: { issuer: string; audience: string },
  names?: ClaimNames,
): Promise<Vouched> {
  const { payload: claims } = await judge(keys, token, { ...expected, requiredClaims: ['sub', 'exp'] });
  // A logout token names a person too, and whoever overhears one must not be taken for them.
  const vouched = 'events' in claims ? undefined : vouchedBy(claims, names);
  if (!vouched) throw refused();
  return vouched;
}

/**
 * Verifies the signature of any token of the issuer, and whatever else is expected of it.
 *
 * @throws Refusal `not-signed-in` for a token that is wrong, `not-ready` when the keys could not be had
 */
export function judge(
  keys: jose.JWTVerifyGetKey,
  token: string,
  expected: jose.JWTVerifyOptions,
): Promise<jose.JWTVerifyResult> {
  return jose
    .jwtVerify(token, keys, { ...expected, algorithms, clockTolerance: slackSeconds })
    .catch((error: unknown) => {
      throw isTokensFault(error) ? refused() : away();
    });
}

/** Whether a token is wrong. A network error or an answer without keys is not the caller's fault and must not sign anybody out. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof jose.errors.JOSEError &&
    !(error instanceof jose.errors.JWKSTimeout) &&
    !(error instanceof jose.errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  );
}

const refused = () =>
  new Refusal('not-signed-in', 'Phiên đăng nhập không còn hiệu lực · The token is not valid or has expired');
const away = () =>
  new Refusal('not-ready', 'Chưa kết nối được hệ thống định danh · The identity provider does not answer');

function discover(config: Config, issuer: string): Promise<oidc.Configuration> {
  const secret = config.OIDC_CLIENT_SECRET;
  const authentication = secret ? oidc.ClientSecretBasic(secret) : oidc.None();
  // Plain http only where the wire cannot be tapped, or for the sample provider that runs beside us.
  const plain =
    config.DEV_IDP_URL !== undefined || /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(issuer);
  return oidc.discovery(new URL(issuer), config.OIDC_CLIENT_ID, undefined, authentication, {
    timeout: 10,
    execute: plain ? [oidc.allowInsecureRequests] : [],
  });
}
