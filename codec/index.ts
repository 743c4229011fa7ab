import { createRequire } from 'node:module';
import type { DataConverter } from '@temporalio/common';
import type { CaseKeys } from './case-keys.ts';
import { CasePayloadCodec } from './payload-codec.ts';

export { openCaseKeys, type CaseKeys } from './case-keys.ts';
export { CasePayloadCodec } from './payload-codec.ts';

/** The data converter of every client and worker: payloads and failures leave the process encrypted only. */
export function createDataConverter(keys: CaseKeys): DataConverter {
  const { resolve } = createRequire(import.meta.url);
  return {
    payloadCodecs: [new CasePayloadCodec(keys)],
    failureConverterPath: resolve('./failure-converter.ts'),
  };
}
