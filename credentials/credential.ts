import { createHash, randomBytes } from 'node:crypto';
import type { Issuer } from './issuer.ts';

/** What a credential vouches for. */
export interface Vouched {
  /** Address of the type of the credential; its metadata are there. */
  type: string;
  /** What everybody sees to whom it is shown. */
  open: Record<string, unknown>;
  /** What its holder may show or not, member by member: objects by the claim that holds them. */
  disclosable: Record<string, Record<string, unknown>>;
  /** Its place in a list of statuses. */
  status: { uri: string; index: number };
  issuedAt: Date;
  /** From this instant on it is not valid. */
  expiresAt: Date | undefined;
}

/**
 * Issues an SD-JWT VC (media type `application/dc+sd-jwt`): a signed credential and, each after a `~`, the disclosures of what
 * its holder may leave out when showing it (RFC 9901).
 */
export async function issueCredential(issuer: Issuer, vouched: Vouched): Promise<string> {
  const { type, open, disclosable, status, issuedAt, expiresAt } = vouched;
  const hidden = Object.entries(disclosable).map(([claim, members]) => ({
    claim,
    disclosures: Object.entries(members).map(([name, value]) => disclosureOf(name, value)),
  }));
  const jwt = await issuer.sign(
    {
      iss: issuer.url,
      vct: type,
      iat: seconds(issuedAt),
      ...(expiresAt && { exp: seconds(expiresAt) }),
      status: { status_list: { idx: status.index, uri: status.uri } },
      ...open,
      ...Object.fromEntries(hidden.map(({ claim, disclosures }) => [claim, { _sd: digestsOf(disclosures) }])),
      _sd_alg: 'sha-256',
    },
    'dc+sd-jwt',
  );
  return [jwt, ...hidden.flatMap(({ disclosures }) => disclosures), ''].join('~');
}

/** The salt keeps a verifier from guessing what was not shown. */
function disclosureOf(name: string, value: unknown): string {
  const salt = randomBytes(16).toString('base64url');
  return Buffer.from(JSON.stringify([salt, name, value])).toString('base64url');
}

/** Sorted, so that their order tells nothing of what they hide. */
const digestsOf = (disclosures: string[]) =>
  disclosures.map((each) => createHash('sha256').update(each).digest('base64url')).sort();

const seconds = (at: Date) => Math.floor(at.getTime() / 1000);
