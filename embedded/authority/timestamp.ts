import { createHash } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  PKIFailureInfo,
  PKIFailureInfoFlags,
  PKIFreeText,
  PKIStatus,
  PKIStatusInfo,
  TimeStampReq,
  TimeStampResp,
  TimeStampToken,
  TSTInfo,
  id_ct_tstInfo,
} from '@peculiar/asn1-tsp';
import { hashOf, signedDataOf, type Signer } from '../../activities/documents/cms.ts';
import { randomInteger } from '../../records/der.ts';

/** Policy under which the sample authority stamps; an arc for examples, which nobody relies on. */
const policy = '2.999.1';

const hashLengths: Record<string, number> = {
  '2.16.840.1.101.3.4.2.1': 32,
  '2.16.840.1.101.3.4.2.2': 48,
  '2.16.840.1.101.3.4.2.3': 64,
};

/**
 * Answers a request for a timestamp (RFC 3161).
 *
 * @param request DER, whatever came
 * @returns DER of a response: a token, or why there is none
 */
export async function answerTimestamp(request: Uint8Array, signer: Signer, at: Date): Promise<Buffer> {
  const asked = parseRequest(request);
  if (!asked) return refused('badDataFormat', 'this is no time-stamp request');
  const { messageImprint, reqPolicy, nonce, certReq, extensions } = asked;
  const length = hashLengths[messageImprint.hashAlgorithm.algorithm];
  if (length === undefined) return refused('badAlg', 'SHA-256, SHA-384 and SHA-512 are stamped');
  if (messageImprint.hashedMessage.byteLength !== length)
    return refused('badDataFormat', 'the hash has not the length of its algorithm');
  if (reqPolicy !== undefined && reqPolicy !== policy)
    return refused('unacceptedPolicy', `the policy is ${policy}`);
  if (extensions) return refused('unacceptedExtension', 'there are no extensions');

  const info = new TSTInfo({
    policy,
    messageImprint,
    serialNumber: Uint8Array.from(randomInteger()).buffer,
    genTime: at,
    ...(nonce ? { nonce } : {}),
  });
  const bytes = Buffer.from(AsnConvert.serialize(info));
  // Without certReq the certificate stays out (RFC 3161, 2.4.1); the signature still names it.
  const chain = certReq ? [signer] : [];
  const token = await signedDataOf(
    signer,
    { type: id_ct_tstInfo, digest: createHash(hashOf(signer)).update(bytes).digest(), bytes },
    { certificates: chain.flatMap((each) => [each.certificate, ...each.chain]) },
  );
  const response = new TimeStampResp({
    status: new PKIStatusInfo({ status: PKIStatus.granted }),
    timeStampToken: AsnConvert.parse(token, TimeStampToken),
  });
  return Buffer.from(AsnConvert.serialize(response));
}

function parseRequest(request: Uint8Array): TimeStampReq | undefined {
  try {
    return AsnConvert.parse(request, TimeStampReq);
  } catch {
    return undefined;
  }
}

function refused(why: keyof typeof PKIFailureInfoFlags, words: string): Buffer {
  const status = new PKIStatusInfo({
    status: PKIStatus.rejection,
    statusString: new PKIFreeText([words]),
    failInfo: new PKIFailureInfo(PKIFailureInfoFlags[why]),
  });
  return Buffer.from(AsnConvert.serialize(new TimeStampResp({ status })));
}
