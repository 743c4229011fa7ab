import {
  METADATA_ENCODING_KEY,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import { seal, unseal, type CaseKeys } from './case-keys.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const encoding = 'binary/encrypted';
const keyIdKey = 'encryption-key-id';
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const text = (value: string) => encoder.encode(value);
const read = (value: Uint8Array | null | undefined) => (value ? decoder.decode(value) : '');

/** Thrown when something is to be encrypted for a workflow that is no case. */
export class NoCaseKeyError extends Error {}

/** What is shown where the key of a case was destroyed: a word instead of an error, so that callers go on. */
const tombstone: Payload = {
  metadata: { [METADATA_ENCODING_KEY]: text('json/plain') },
  data: text(JSON.stringify('[đã xóa · erased]')),
};

/**
 * What is kept of an error that cannot be encrypted. A worker that does not know the type of a workflow fails before the
 * SDK says which workflow that is: to throw then would end the worker, and with it every other case.
 */
const withheld: Payload = {
  metadata: { [METADATA_ENCODING_KEY]: text('json/plain') },
  data: text(JSON.stringify({ message: 'withheld: see the log of the worker', stack_trace: '' })),
};

/** Whether a payload is what the SDK makes of an error's message and stack trace, and nothing else. */
function isError({ metadata, data }: Payload): boolean {
  if (read(metadata?.[METADATA_ENCODING_KEY]) !== 'json/plain') return false;
  const value: unknown = JSON.parse(read(data));
  return (
    typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'message,stack_trace'
  );
}

/** Encrypts everything that a case keeps in Temporal with the case's own key (AES-256-GCM). */
export class CasePayloadCodec implements PayloadCodec {
  readonly #keys: CaseKeys;

  constructor(keys: CaseKeys) {
    this.#keys = keys;
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    if (payloads.length === 0) return payloads;
    const code = context?.workflowId;
    const key = code === undefined ? undefined : await this.#keys.find(code);
    if (!key && payloads.every(isError)) return payloads.map(() => withheld);
    if (code === undefined || !key)
      throw new NoCaseKeyError(`there is no key for the workflow ${code ?? '(unknown)'}`);
    const metadata = { [METADATA_ENCODING_KEY]: text(encoding), [keyIdKey]: text(code) };
    return payloads.map((payload) => ({
      metadata,
      data: seal(key, code, PayloadMessage.encode(payload).finish()),
    }));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#decode(payload)));
  }

  async #decode(payload: Payload): Promise<Payload> {
    if (read(payload.metadata?.[METADATA_ENCODING_KEY]) !== encoding || !payload.data) return payload;
    const code = read(payload.metadata?.[keyIdKey]);
    const key = await this.#keys.find(code);
    if (!key) return tombstone;
    return PayloadMessage.decode(unseal(key, code, payload.data));
  }
}
