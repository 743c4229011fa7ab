import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKeystore } from '../activities/documents/keystore.ts';
import { createRenderer } from '../activities/documents/render.ts';
import { sampleRequests } from '../activities/documents/samples.ts';
import { createSigning } from '../activities/documents/signing.ts';
import { createLogger } from '../log.ts';
import { openSampleAuthority, type SampleAuthority } from './authority.ts';

/** The sample permit, signed by Vũ Thanh Sơn and sealed by his ward on 1 December 2026. */
export interface SignedSample {
  /** Folder of the PKI; `root.pem` in it is the root. */
  folder: string;
  authority: SampleAuthority;
  signedAt: Date;
  /** Without trust services, at PAdES-B-B. */
  plain: Uint8Array;
  /** {@link SignedSample.plain}, completed for the archive. */
  archived: Uint8Array;
  /** Signed with a timestamp for each signature, and completed for the archive at once. */
  stamped: Uint8Array;
  /** {@link SignedSample.archived} with a new timestamp two years later. */
  renewed: Uint8Array;
  close(): Promise<void>;
}

/** Makes the sample in each of its editions. */
export async function signSample(): Promise<SignedSample> {
  const signedAt = new Date('2026-12-01T07:15:00.000Z');
  const clock = { now: () => signedAt };
  const later = { now: () => new Date('2028-12-01T07:15:00.000Z') };
  const folder = await mkdtemp(join(tmpdir(), 'motcua-signed-'));
  const authority = await openSampleAuthority({
    folder,
    people: [{ sub: 'vungtau.leader', name: 'Vũ Thanh Sơn' }],
    agencies: [{ code: 'H29.16', name: 'Ủy ban nhân dân phường Vũng Tàu' }],
    clock,
  });
  const keystore = openKeystore(folder);
  const at = signedAt;
  const signatories = [
    { signer: await keystore.person('vungtau.leader'), reason: 'Ký duyệt', at, name: 'Vũ Thanh Sơn' },
    { signer: await keystore.seal('H29.16'), reason: 'Đóng dấu', at, name: 'UBND phường Vũng Tàu' },
  ];
  const templates = fileURLToPath(new URL('../templates/', import.meta.url));
  const [request] = sampleRequests(templates).filter(({ name }) => name.endsWith('/permit'));
  const base = await createRenderer(templates).render({ ...request!, id: sampleId });
  const log = createLogger('test', 'silent');
  const sign = (services: SampleAuthority['services'] | undefined, of = clock) =>
    createSigning(services, of, log);
  const plain = (await sign(undefined).sign(base, signatories)).pdf;
  const archived = (await sign(authority.services).augment(plain)).pdf;
  const stamped = (await sign(authority.services).sign(base, signatories)).pdf;
  const renewed = (await sign(authority.services, later).augment(archived)).pdf;
  return {
    folder,
    authority,
    signedAt,
    plain,
    archived,
    stamped,
    renewed,
    async close() {
      await authority.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The id that the sample has in its metadata. */
export const sampleId = '6f0b3a52-6f7e-4c0e-9d3a-2f1f6f0c1a77';
