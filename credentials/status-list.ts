import { deflateSync } from 'node:zlib';
import type { Issuer } from './issuer.ts';

/** How many documents share a list: enough that asking for it does not tell which of them is meant. */
export const listSize = 65_536;

/** For how long a copy of a list may be used, in seconds: so late may somebody learn that a document was revoked. */
export const listLifetime = 300;

/** Where the status of a document is found, by its number among all documents. */
export const placeOf = (issuer: Pick<Issuer, 'url'>, statusIndex: number) => ({
  uri: `${issuer.url}/status-lists/${Math.floor(statusIndex / listSize)}`,
  index: statusIndex % listSize,
});

/**
 * Signs a list of statuses (Token Status List, media type `application/statuslist+jwt`), one bit a document: 1 is no longer
 * in force.
 *
 * @param list number of the list, from 0
 * @param outOfForce places in it that are 1
 */
export function signStatusList(
  issuer: Issuer,
  { list, outOfForce, at }: { list: number; outOfForce: number[]; at: Date },
): Promise<string> {
  const bits = Buffer.alloc(listSize / 8);
  for (const index of outOfForce) bits[index >> 3]! |= 1 << (index & 7);
  const now = Math.floor(at.getTime() / 1000);
  return issuer.sign(
    {
      sub: `${issuer.url}/status-lists/${list}`,
      iat: now,
      exp: now + listLifetime,
      ttl: listLifetime,
      status_list: { bits: 1, lst: deflateSync(bits, { level: 9 }).toString('base64url') },
    },
    'statuslist+jwt',
  );
}
