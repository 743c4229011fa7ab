import { join } from 'node:path';
import { ConfigError, type Config } from '../config.ts';
import { secret } from './keys.ts';
import { rememberedPorts } from './ports.ts';
import { sampleAcr } from './samples.ts';

/** The servers of the sample city: its identity provider, its trust services and its agencies, each on a port of its own. */
const city = [
  'identity',
  'authority',
  'residentRegistry',
  'landRegistry',
  'planning',
  'fireService',
  'treasury',
  'birthCertificates',
  'civilStatus',
  'residence',
  'socialInsurance',
  'immunisations',
  'insuranceClaims',
  'education',
  'smtp',
  'postOffice',
] as const;

const agencies = {
  RESIDENT_REGISTRY_URL: 'residentRegistry',
  LAND_REGISTRY_URL: 'landRegistry',
  PLANNING_URL: 'planning',
  FIRE_SERVICE_URL: 'fireService',
  TREASURY_URL: 'treasury',
  BIRTH_CERTIFICATES_URL: 'birthCertificates',
  CIVIL_STATUS_URL: 'civilStatus',
  RESIDENCE_URL: 'residence',
  SOCIAL_INSURANCE_URL: 'socialInsurance',
  IMMUNISATIONS_URL: 'immunisations',
  INSURANCE_CLAIMS_URL: 'insuranceClaims',
  EDUCATION_URL: 'education',
} as const;

/**
 * Refuses addresses under which others on the network could sign in as sample people, who have no passwords.
 *
 * @throws ConfigError unless ALLOW_NETWORK says that this is wanted
 */
export function expectLoopback(config: Config): void {
  if (config.ALLOW_NETWORK || /^(127(\.\d+){3}|localhost|::1)$/.test(config.HOST)) return;
  throw new ConfigError(
    `HOST is "${config.HOST}"; allowed: 127.0.0.1, because sample people sign in without passwords ` +
      '(ALLOW_NETWORK=1 lets the network in all the same)',
  );
}

/** What PostgreSQL and Temporal are, once they run. */
export interface Stores {
  databaseUrl: string;
  temporalAddress: string;
  temporalUiUrl: string | undefined;
}

/**
 * What every program of an installation is told in common: all that the operator set, and for the rest secrets and
 * ports made once and kept in DATA_DIR, the sample identity provider and the sample agencies.
 */
export async function commonEnvironment(config: Config): Promise<NodeJS.ProcessEnv> {
  const { dataDir, publicUrl } = config;
  const { PORT, POSTGRES_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT } = config;
  const own = [PORT, POSTGRES_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT];
  const ports = await rememberedPorts(dataDir, city, own);
  const given = Object.entries(config).filter(
    ([name, value]) => name === name.toUpperCase() && value !== undefined,
  );
  const samples: NodeJS.ProcessEnv = Object.fromEntries(
    Object.entries(agencies).map(([variable, name]) => [variable, `http://127.0.0.1:${ports[name]}`]),
  );
  if (!config.TREASURY_URL) samples.DEV_BANK_URL = samples.TREASURY_URL;
  if (!config.OIDC_ISSUER) {
    samples.OIDC_ISSUER = `${publicUrl}/dev-idp`;
    samples.DEV_IDP_URL = `http://127.0.0.1:${ports.identity}`;
    samples.OIDC_STEP_UP_ACR = sampleAcr;
    samples.OIDC_CLIENT_SECRET = await secret(dataDir, 'oidc-client', 'base64url');
  }
  // A machine of the operator's own for one channel says nothing about the other.
  if (!config.SMTP_URL) samples.SMTP_URL = `smtp://127.0.0.1:${ports.smtp}`;
  if (!config.SMS_URL) {
    samples.SMS_URL = `http://127.0.0.1:${ports.postOffice}/messages`;
    samples.SMS_TOKEN = await secret(dataDir, 'sms', 'base64url');
  }
  samples.DEV_MAILBOX_URL = `http://127.0.0.1:${ports.postOffice}`;
  // Whoever brings keys of their own brings the trust services that go with them.
  if (!config.SIGNING_KEYS) {
    samples.DEV_PKI_URL = `http://127.0.0.1:${ports.authority}`;
    samples.TIMESTAMP_URL = `${samples.DEV_PKI_URL}/dev-pki/timestamps`;
    samples.TRUST_ANCHORS = join(dataDir, 'pki', 'root.pem');
  }
  return {
    ...process.env,
    ...samples,
    MASTER_KEY: await secret(dataDir, 'master'),
    ISSUER_KEY: await secret(dataDir, 'issuer'),
    WEB_PUSH_KEY: await secret(dataDir, 'web-push'),
    SESSION_SECRET: await secret(dataDir, 'session'),
    SIGNING_KEYS: join(dataDir, 'pki'),
    CITY_PORTS: JSON.stringify(ports),
    ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    DATA_DIR: dataDir,
    PUBLIC_URL: publicUrl,
  };
}

/** Adds where the stores are to what every program is told. */
export function withStores(common: NodeJS.ProcessEnv, stores: Stores): NodeJS.ProcessEnv {
  return {
    ...common,
    DATABASE_URL: stores.databaseUrl,
    TEMPORAL_ADDRESS: stores.temporalAddress,
    ...(stores.temporalUiUrl ? { TEMPORAL_UI_URL: stores.temporalUiUrl } : {}),
  };
}
