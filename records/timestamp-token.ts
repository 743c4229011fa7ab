import { createHash, type X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { TSTInfo, id_ct_tstInfo } from '@peculiar/asn1-tsp';
import { checkSignedData, hashes } from './signed-data.ts';

const timeStamping = '1.3.6.1.5.5.7.3.8';

/** A timestamp token (RFC 3161) that is right in itself. */
export interface TimestampToken {
  /** Of its authority, with the others that go with it. */
  certificate: X509Certificate;
  others: X509Certificate[];
  info: TSTInfo;
  /** Whether it is a timestamp of these bytes. */
  stamps(parts: Buffer[]): boolean;
}

/**
 * Reads a timestamp token and checks its signature; who its authority is remains to be asked.
 *
 * @throws Error when it is something else, its signature is wrong or its certificate is not for timestamps alone
 */
export function readTimestampToken(der: Uint8Array): TimestampToken {
  const { certificate, others, valid, content, contentType } = checkSignedData(der);
  if (contentType !== id_ct_tstInfo || !content) throw new Error('it is no timestamp token');
  if (!valid) throw new Error('its signature is wrong');
  if (certificate.keyUsage?.join() !== timeStamping)
    throw new Error('its certificate is not for timestamps alone');
  const info = AsnConvert.parse(content, TSTInfo);
  return {
    certificate,
    others,
    info,
    stamps(parts) {
      const hash = hashes[info.messageImprint.hashAlgorithm.algorithm];
      if (!hash) return false;
      const digest = createHash(hash);
      for (const part of parts) digest.update(part);
      return digest.digest().equals(Buffer.from(info.messageImprint.hashedMessage.buffer));
    },
  };
}
