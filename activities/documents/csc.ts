import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Signer } from './cms.ts';
import { schemeOf, verifiedBy, type Padding, type Scheme } from './scheme.ts';
import { together } from './together.ts';

/** Thrown when a signing service cannot be used as it was asked; its message names the service and never a secret. */
export class SigningServiceError extends Error {}

/** A credential at a remote signing service. */
export interface RemoteCredential {
  /** Base address of the service, before `/csc/v2`. */
  url: string;
  credentialId: string;
  clientId: string;
  clientSecret: () => Promise<string>;
  /** What authorises a signature, by the names that the service gives them: `PIN`, `OTP`; read anew each time. */
  factors: Record<string, () => Promise<string>>;
  padding?: Padding | undefined;
}

const timeoutMs = 15_000;
/** How long a signature waits for others that the same authorisation can be for. */
const gatherMs = 100;

const Token = z.object({ access_token: z.string().min(1), token_type: z.string() });
const Credential = z.object({
  key: z.object({ status: z.enum(['enabled', 'disabled']), algo: z.array(z.string()).min(1) }),
  cert: z.object({
    status: z.enum(['valid', 'expired', 'revoked', 'suspended']).optional(),
    certificates: z.array(z.base64()).min(1),
  }),
  /** How many signatures one authorisation may be for. */
  multisign: z.number().int().min(1).default(1),
});
const Authorisation = z.object({ SAD: z.string().min(1) });
const Signatures = z.object({ signatures: z.array(z.base64()).min(1) });
const Refused = z.object({ error: z.string(), error_description: z.string().optional() });

/**
 * Opens a credential at a remote signing service that speaks the API of the Cloud Signature Consortium, version 2. The
 * service sees hashes only. Signatures that are asked for at the same time are authorised together, where the credential allows
 * (`credentials/authorize` with all their hashes): a leader who signs hundreds gives the second factor a few times. Each is
 * checked when it comes.
 *
 * @throws SigningServiceError when the key may not be used or the service does not answer; wrong factors fail each signature
 */
export async function openRemoteSigner(credential: RemoteCredential): Promise<Signer> {
  const { credentialId: credentialID, padding } = credential;
  const service = new Service(credential);
  const asked = { credentialID, certificates: 'chain', certInfo: true };
  const { key, cert, multisign } = await service.call('credentials/info', asked, Credential);
  if (key.status !== 'enabled') throw service.error(`has disabled the key ${credentialID}`);
  if (cert.status !== undefined && cert.status !== 'valid')
    throw service.error(`says that the certificate of ${credentialID} is ${cert.status}`);
  const [certificate, ...issuers] = cert.certificates.map(
    (each) => new X509Certificate(Buffer.from(each, 'base64')),
  ) as [X509Certificate, ...X509Certificate[]];
  const scheme = schemeOf(certificate, padding);
  const signHash = together(
    (digests: Uint8Array[]) => signHashes(service, credential, scheme, digests),
    multisign,
    multisign > 1 ? gatherMs : 0,
  );
  return {
    certificate: certificate.raw,
    chain: issuers.filter((each) => !each.checkIssued(each)).map(({ raw }) => raw),
    ...(padding && { padding }),
    async sign(bytes, digest) {
      const signed = await signHash(digest);
      if (!verifiedBy(certificate, scheme, bytes, signed))
        throw service.error(`has not signed with the key of ${credentialID}`);
      return signed;
    },
  };
}

async function signHashes(
  service: Service,
  { credentialId: credentialID, factors }: RemoteCredential,
  { digestAlgorithm, signatureAlgorithm: { algorithm, parameters } }: Scheme,
  digests: Uint8Array[],
): Promise<Buffer[]> {
  const about = {
    credentialID,
    hashes: digests.map((digest) => Buffer.from(digest).toString('base64')),
    hashAlgorithmOID: digestAlgorithm.algorithm,
  };
  const authData = await Promise.all(
    Object.entries(factors).map(async ([id, read]) => ({ id, value: await read() })),
  );
  const { SAD } = await service.call(
    'credentials/authorize',
    { ...about, numSignatures: digests.length, authData },
    Authorisation,
  );
  const algo = {
    signAlgo: algorithm,
    ...(parameters && { signAlgoParams: Buffer.from(parameters).toString('base64') }),
  };
  const { signatures } = await service.call('signatures/signHash', { ...about, ...algo, SAD }, Signatures);
  if (signatures.length !== digests.length)
    throw service.error(`gave ${signatures.length} signatures for ${digests.length} hashes`);
  return signatures.map((signature) => Buffer.from(signature, 'base64'));
}

/** The service, asked with a token of its own for each question. */
class Service {
  readonly #credential: RemoteCredential;

  constructor(credential: RemoteCredential) {
    this.#credential = credential;
  }

  error(why: string): SigningServiceError {
    return new SigningServiceError(`the signing service ${this.#credential.url} ${why}`);
  }

  async call<T>(method: string, question: object, answer: z.ZodType<T>): Promise<T> {
    const { access_token: token } = await this.#token();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return this.#ask(method, { headers, body: JSON.stringify(question) }, answer);
  }

  async #token(): Promise<z.infer<typeof Token>> {
    const { clientId, clientSecret } = this.#credential;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: await clientSecret(),
    });
    return this.#ask('oauth2/token', { body }, Token);
  }

  async #ask<T>(method: string, request: RequestInit, schema: z.ZodType<T>): Promise<T> {
    const url = `${this.#credential.url.replace(/\/+$/, '')}/csc/v2/${method}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: 'POST', ...request, signal }).catch((error: Error) => {
      throw this.error(error.name === 'TimeoutError' ? 'does not answer' : 'cannot be reached');
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) {
      const refused = Refused.safeParse(body).data;
      const why = refused ? `refuses ${method}: ${refused.error_description ?? refused.error}` : '';
      throw this.error(why || `answers ${response.status} to ${method}`);
    }
    const answer = schema.safeParse(body);
    if (!answer.success) throw this.error(`gave an answer to ${method} that breaks its contract`);
    return answer.data;
  }
}
