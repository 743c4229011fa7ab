import type { X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { MessageImprint, PKIStatus, PKIStatusInfo, TimeStampReq } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { elementsOf, firstElement, randomInteger } from '../../../records/der.ts';
import { leadsTo } from '../../../records/signed-data.ts';
import { readTimestampToken } from '../../../records/timestamp-token.ts';
import type { Timestamp, TimestampSource } from '../cms.ts';
import { askTrustService, TrustServiceUnavailable } from './service.ts';

const sha256 = '2.16.840.1.101.3.4.2.1';

/**
 * Opens a timestamp authority (RFC 3161).
 *
 * @param roots certificates that its own must lead to
 * @returns a source of tokens, each checked: it stamps what was asked, now, with a certificate for timestamps alone.
 *   It throws {@link TrustServiceUnavailable} when there is no such token
 */
export function openTimestampAuthority(url: string, roots: X509Certificate[]): TimestampSource {
  return async (digest) => {
    const nonce = randomInteger();
    const request = new TimeStampReq({
      messageImprint: new MessageImprint({
        hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha256 }),
        hashedMessage: new OctetString(digest),
      }),
      nonce: Uint8Array.from(nonce).buffer,
      certReq: true,
    });
    const body = Buffer.from(AsnConvert.serialize(request));
    const answer = await askTrustService(url, { type: 'application/timestamp-query', body });
    try {
      return timestampOf(answer, { digest, nonce, roots });
    } catch (error) {
      throw new TrustServiceUnavailable(url, `answers no usable timestamp: ${(error as Error).message}`);
    }
  };
}

/** The timestamp of a response, after every check of RFC 3161, 2.2. */
function timestampOf(
  answer: Buffer,
  { digest, nonce, roots }: { digest: Uint8Array; nonce: Buffer; roots: X509Certificate[] },
): Timestamp {
  const [first, tokenElement] = elementsOf(firstElement(answer).body);
  const status = AsnConvert.parse(first?.bytes ?? answer, PKIStatusInfo);
  if (![PKIStatus.granted, PKIStatus.grantedWithMods].includes(status.status) || !tokenElement)
    throw new Error(`refused: ${status.statusString?.join(' ') ?? `status ${status.status}`}`);
  const token = tokenElement.bytes;
  const { certificate, others, info } = readTimestampToken(token);
  if (!Buffer.from(info.messageImprint.hashedMessage.buffer).equals(digest))
    throw new Error('it stamps something else');
  if (!nonce.equals(Buffer.from(info.nonce ?? new ArrayBuffer(0))))
    throw new Error('it answers another request');
  if (!leadsTo(roots, certificate, others, info.genTime))
    throw new Error('its certificate leads to no trusted root');
  const certificates = [certificate, ...others].map(({ raw }) => raw);
  return { token, certificates, until: new Date(certificate.validTo) };
}
