import * as jose from 'jose';
import * as oidc from 'openid-client';
import type { Config } from '../config.ts';
import { required } from '../config.ts';
import type { Actor } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';
import { actorOf } from './claims.ts';

/** The identity provider as the API uses it. */
export interface Identity {
  /** Who holds a bearer token; throws Refusal `not-signed-in`, or `not-ready` while the provider's keys are unknown. */
  verify(token: string): Promise<Actor>;
  /** The provider's client for the browser's sign-in; throws Refusal `not-ready` while it cannot be reached. */
  client(): Promise<oidc.Configuration>;
}

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

/** Connects to the issuer of the configuration when somebody first needs it, and tries again until it answers. */
export function issuerOf(config: Config): Identity {
  const issuer = required(config, 'OIDC_ISSUER');
  let found: Promise<oidc.Configuration> | undefined;
  let keys: jose.JWTVerifyGetKey | undefined;

  const client = (): Promise<oidc.Configuration> => {
    found ??= discover(config, issuer).catch(() => {
      found = undefined;
      throw away();
    });
    return found;
  };

  return {
    client,
    async verify(token) {
      if (!keys) {
        const { jwks_uri: address } = (await client()).serverMetadata();
        if (!address) throw away();
        keys = jose.createRemoteJWKSet(new URL(address));
      }
      return verifyWith(keys, token, { issuer, audience: config.OIDC_AUDIENCE });
    },
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
): Promise<Actor> {
  const claims = await jose
    .jwtVerify(token, keys, { ...expected, algorithms, requiredClaims: ['sub', 'exp'], clockTolerance: 30 })
    .then(
      ({ payload }) => payload,
      (error: unknown) => {
        throw isTokensFault(error) ? refused() : away();
      },
    );
  const actor = actorOf(claims);
  if (!actor) throw refused();
  return actor;
}

/** A network error or an answer without keys is not the caller's fault and must not sign anybody out. */
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
