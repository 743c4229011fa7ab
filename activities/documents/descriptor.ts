import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Where a secret is read from when it is needed: a variable of the environment, or a file beside the descriptor. */
const Secret = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

const common = {
  padding: z.enum(['pkcs1', 'pss']).optional(),
  /** UID in the certificate's subject, where that is not the name of the file. */
  uid: z.string().min(1).optional(),
};

/** A signer that is more than a PEM file, as `people/<sub>.json` or `agencies/<code>.json` describes it. */
const Descriptor = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('csc'),
    url: z.url({ protocol: /^https?$/ }),
    credentialId: z.string().min(1),
    clientId: z.string().min(1),
    clientSecret: Secret,
    factors: z.record(z.string(), Secret).default({}),
    ...common,
  }),
  z.strictObject({ kind: z.literal('pkcs12'), file: z.string().min(1), password: Secret, ...common }),
  z.strictObject({
    kind: z.literal('pkcs11'),
    /** Path of the library of the token's maker. */
    module: z.string().min(1),
    token: z.string().min(1),
    key: z.string().min(1),
    pin: Secret,
    /** PEM file with the certificates of the issuers. */
    chain: z.string().min(1).optional(),
    ...common,
  }),
]);

/** A descriptor that was read; files are named from its folder on. */
export type Described = z.infer<typeof Descriptor>;

/** Reads a secret anew each time. */
export type ReadSecret = () => Promise<string>;

/**
 * Reads the description of a signer.
 *
 * @throws Error that names what is wrong, and no secret
 */
export function readDescriptor(text: string): Described {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('is no JSON');
  }
  const parsed = Descriptor.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`is wrong at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? ''}`);
}

/** How a secret is read, from a file in a folder or from the environment. */
export function secretIn(folder: string, secret: z.infer<typeof Secret>): ReadSecret {
  if ('file' in secret) return async () => (await readFile(resolve(folder, secret.file), 'utf8')).trim();
  return () => {
    const value = process.env[secret.env];
    return value ? Promise.resolve(value) : Promise.reject(new Error(`${secret.env} is not set`));
  };
}
