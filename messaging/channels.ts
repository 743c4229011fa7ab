import type { Subscription } from './push.ts';

/** The ways on which messages leave the house. */
export const channels = ['email', 'sms', 'push'] as const;
export type Channel = (typeof channels)[number];

/** Where a person can be reached, and what they chose; null is no choice. */
export interface Reach {
  email: string | null;
  phone: string | null;
  /** The browsers in which they want notices. */
  browsers: readonly Subscription[];
  byEmail: boolean | null;
  bySms: boolean | null;
}

/** The channels that are sure to find somebody: a browser may be gone without a word. */
const letters = ['email', 'sms'] as const;

/** Whether a channel is one that counts as having told somebody what the law wants them to be told. */
export const isLetter = (channel: Channel): boolean => channel !== 'push';

/**
 * Chooses the channels of a message in the order in which they are tried: what the person wants, or e-mail, or else SMS; and
 * beside them every browser that they have subscribed in. A legal notice takes any letter when nothing wanted is left, and each
 * further one is for when those before have failed.
 *
 * @param open the channels that this installation has
 * @returns `now`, to be sent at once, and `later`, each for when those before have failed
 */
export function channelsFor(
  reach: Reach,
  legal: boolean,
  open: readonly Channel[],
): { now: Channel[]; later: Channel[] } {
  const pushed: Channel[] = open.includes('push') && isReachable(reach, 'push') ? ['push'] : [];
  const possible = letters.filter((channel) => open.includes(channel) && isReachable(reach, channel));
  const chosen = { email: reach.byEmail, sms: reach.bySms };
  const wanted = possible.filter(
    (channel) => chosen[channel] ?? (channel === 'email' || !possible.includes('email')),
  );
  if (!legal) return { now: [...wanted, ...pushed], later: [] };
  const now = wanted.length > 0 ? wanted : possible.slice(0, 1);
  return { now: [...now, ...pushed], later: possible.filter((channel) => !now.includes(channel)) };
}

/** Tells whether a person has an address on a channel. */
export function isReachable(reach: Pick<Reach, 'email' | 'phone' | 'browsers'>, channel: Channel): boolean {
  if (channel === 'push') return reach.browsers.length > 0;
  return (channel === 'email' ? reach.email : reach.phone) !== null;
}

/** A message was not taken by its provider; `failure` says why without anybody's data. */
export class Undelivered extends Error {
  readonly failure: string;
  /** Whether sending the same again is pointless. */
  readonly forGood: boolean;

  constructor(failure: string, { forGood }: { forGood: boolean }) {
    super(failure);
    this.name = 'Undelivered';
    this.failure = failure;
    this.forGood = forGood;
  }
}
