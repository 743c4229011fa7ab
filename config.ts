import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

const port = (fallback: number) =>
  z.coerce.number('a port number').int().min(1, '1 to 65535').max(65535, '1 to 65535').default(fallback);
const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// address' });

/** Every variable that Motcua reads, with what is allowed; the table in docs/operating.md follows this schema. */
const Environment = z.object({
  PORT: port(8080),
  HOST: z.string().default('127.0.0.1'),
  /** The address that citizens see; printed in documents and QR codes. */
  PUBLIC_URL: httpUrl.optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a postgres:// address')
    .optional(),
  POSTGRES_PORT: port(54330),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$/, 'host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  /** Where the Temporal UI answers, for the signed-in admin's proxy under /temporal. */
  TEMPORAL_UI_URL: httpUrl.optional(),
  OIDC_ISSUER: httpUrl.optional(),
  OIDC_AUDIENCE: z.string().min(1).default('motcua'),
  /** Client of the browser sign-in at the issuer. */
  OIDC_CLIENT_ID: z.string().min(1).default('motcua-web'),
  OIDC_CLIENT_SECRET: z.string().min(8).optional(),
  /** How the issuer's claims are called where they are not called as in api/claims.ts, as JSON. */
  OIDC_CLAIMS: z
    .string()
    .regex(/^\s*\{/, 'a JSON object')
    .optional(),
  /** What the issuer calls an authentication that is strong enough for signing; several are separated by spaces. */
  OIDC_STEP_UP_ACR: z.string().trim().min(1).max(500).optional(),
  /** How many seconds after an authentication one may sign. */
  OIDC_STEP_UP_MAX_AGE: z.coerce.number('seconds').int().min(60, '60 or more').max(86_400).default(900),
  /** After how many minutes without a request the session of an officer ends. */
  SESSION_IDLE_MINUTES: z.coerce.number('minutes').int().min(1, '1 or more').max(1_440).default(30),
  /** After how many hours any session ends. */
  SESSION_HOURS: z.coerce.number('hours').int().min(1, '1 or more').max(168).default(8),
  /** How often a minute one caller may use each thing that needs no sign-in. */
  RATE_LIMIT: z.coerce.number('calls').int().min(1, '1 or more').default(60),
  /** Whose X-Forwarded-For is believed: addresses and networks, or Express's names for them. */
  TRUST_PROXY: z.string().min(1).default('loopback'),
  /** The mail server that notices leave by. */
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'an smtp:// or smtps:// address' }).optional(),
  /** Who notices come from: an address, or `Name <address>`. */
  MAIL_FROM: z
    .string()
    .regex(/^[^<>\r\n]*<?[^\s<>@]+@[^\s<>@]+>?$/, 'an address, or a name and an address in angle brackets')
    .optional(),
  /** The gateway for SMS. */
  SMS_URL: httpUrl.optional(),
  /** What the gateway for SMS wants to be shown. */
  SMS_TOKEN: z.string().min(8, 'at least 8 characters').optional(),
  /** 32 random bytes in base64: the key of P-256 by which push services know this installation. */
  WEB_PUSH_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64').length === 32, '32 bytes in base64')
    .optional(),
  /** Hosts of the push services that browsers may name. */
  WEB_PUSH_SERVICES: z
    .string()
    .min(1)
    .default('fcm.googleapis.com,push.services.mozilla.com,push.apple.com,notify.windows.com'),
  OBJECT_STORE_URL: z
    .string()
    .regex(/^file:\/\//, 'a file:// address')
    .optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** 32 random bytes in base64 that wrap the key of every case. */
  MASTER_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64').length === 32, '32 bytes in base64')
    .optional(),
  /** 32 random bytes in base64: the key of P-256 that vouches for QR codes and credentials. */
  ISSUER_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64').length === 32, '32 bytes in base64')
    .optional(),
  /** JWKS file with the public keys of earlier ISSUER_KEYs, whose signatures stay good. */
  ISSUER_EARLIER_KEYS: z.string().min(1).optional(),
  /** Secret of browser sessions. */
  SESSION_SECRET: z.string().min(32, 'at least 32 characters').optional(),
  /** Folder with the signers' keys and certificates. */
  SIGNING_KEYS: z.string().min(1).optional(),
  /** The timestamp authority (RFC 3161); without one signatures have no timestamps. */
  TIMESTAMP_URL: httpUrl.optional(),
  /** PEM file with the root certificates that those of signers and trust services lead to. */
  TRUST_ANCHORS: z.string().min(1).optional(),
  /** The sample trust services, proxied under /dev-pki; set by embedded mode only. */
  DEV_PKI_URL: httpUrl.optional(),
  /** The sample identity provider, proxied under /dev-idp; set by embedded mode only. */
  DEV_IDP_URL: httpUrl.optional(),
  /** The sample post office behind /dev-mailbox; set by embedded mode only. */
  DEV_MAILBOX_URL: httpUrl.optional(),
  /** A sandbox's bank that pays fees when it is told to, for trying out. */
  DEV_BANK_URL: httpUrl.optional(),
  /** Lets embedded mode, with its sample people without passwords, listen beyond loopback. */
  ALLOW_NETWORK: z.stringbool().default(false),
  /** Tells the relay to send the acts of the last ten minutes again, after a stop that was not clean. */
  RESEND_ACTS: z.stringbool().default(false),
  /** Name of this build among the workers; the hash of the workflows' bundle without it. */
  BUILD_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'letters, digits, dots, dashes')
    .optional(),
  /** Makes this build the current one when the worker starts; embedded mode sets it. */
  TAKE_OVER: z.stringbool().default(false),
  /** Tiles of the maps, as Leaflet wants their address: `https://…/{z}/{x}/{y}.png`; a plain grid without it. */
  MAP_TILES: z.string().max(500).optional(),
  /** Whom the map's tiles are owed to. */
  MAP_CREDIT: z.string().max(200).optional(),
  RESIDENT_REGISTRY_URL: httpUrl.optional(),
  LAND_REGISTRY_URL: httpUrl.optional(),
  PLANNING_URL: httpUrl.optional(),
  FIRE_SERVICE_URL: httpUrl.optional(),
  TREASURY_URL: httpUrl.optional(),
  BIRTH_CERTIFICATES_URL: httpUrl.optional(),
  CIVIL_STATUS_URL: httpUrl.optional(),
  RESIDENCE_URL: httpUrl.optional(),
  SOCIAL_INSURANCE_URL: httpUrl.optional(),
  IMMUNISATIONS_URL: httpUrl.optional(),
  INSURANCE_CLAIMS_URL: httpUrl.optional(),
  EDUCATION_URL: httpUrl.optional(),
});

/** The names of all variables that Motcua reads. */
export const variables: readonly string[] = Object.keys(Environment.shape);

type Variables = z.infer<typeof Environment>;

/** What the whole process is told from outside, validated once at start. */
export type Config = Variables & { dataDir: string; publicUrl: string };

/** Thrown when a variable of the environment is missing or wrong; its message is one line for the operator. */
export class ConfigError extends Error {}

/**
 * Reads the environment into a {@link Config}.
 *
 * @throws ConfigError naming the variable, its value and what is allowed
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const shown = /KEY|SECRET|TOKEN|DATABASE_URL|SMTP_URL/.test(name)
        ? 'a value not shown here'
        : JSON.stringify(given[name]);
      return `${name} is ${shown}; allowed: ${issue.message}`;
    });
    throw new ConfigError(lines.join('; '));
  }
  const variables = parsed.data;
  return {
    ...variables,
    dataDir: isAbsolute(variables.DATA_DIR) ? variables.DATA_DIR : resolve(variables.DATA_DIR),
    publicUrl: variables.PUBLIC_URL ?? `http://${variables.HOST}:${variables.PORT}`,
  };
}

/**
 * Gives a variable that this process cannot do without.
 *
 * @throws ConfigError when it is not set
 */
export function required<K extends keyof Config>(config: Config, name: K): NonNullable<Config[K]> {
  const value = config[name];
  if (value === undefined)
    throw new ConfigError(`${name} is not set; it is required when this process runs alone`);
  return value;
}
