import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { RemoteCredential } from './csc.ts';

/** Where a secret is read from when it is needed: a variable of the environment, or a file beside the descriptor. */
const Secret = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

/** A signer whose key lies elsewhere, as `people/<sub>.json` or `agencies/<code>.json` describes it. */
const Descriptor = z.strictObject({
  kind: z.literal('csc'),
  url: z.url({ protocol: /^https?$/ }),
  credentialId: z.string().min(1),
  clientId: z.string().min(1),
  clientSecret: Secret,
  factors: z.record(z.string(), Secret).default({}),
  padding: z.enum(['pkcs1', 'pss']).optional(),
  /** UID in the certificate's subject, where that is not the name of the file. */
  uid: z.string().min(1).optional(),
});

/**
 * Reads the description of a signer.
 *
 * @param folder in which its files of secrets lie
 * @throws Error that names what is wrong, and no secret
 */
export function readDescriptor(
  text: string,
  folder: string,
): RemoteCredential & { uid?: string | undefined } {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('is no JSON');
  }
  const parsed = Descriptor.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`is wrong at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { kind: _kind, clientSecret, factors, ...rest } = parsed.data;
  return {
    ...rest,
    clientSecret: reading(clientSecret, folder),
    factors: Object.fromEntries(Object.entries(factors).map(([id, secret]) => [id, reading(secret, folder)])),
  };
}

function reading(secret: z.infer<typeof Secret>, folder: string): () => Promise<string> {
  if ('file' in secret) return async () => (await readFile(resolve(folder, secret.file), 'utf8')).trim();
  return () => {
    const value = process.env[secret.env];
    return value ? Promise.resolve(value) : Promise.reject(new Error(`${secret.env} is not set`));
  };
}
