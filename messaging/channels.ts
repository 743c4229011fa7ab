/** The ways on which messages leave the house. */
export const channels = ['email', 'sms'] as const;
export type Channel = (typeof channels)[number];

/** Where a person can be reached, and what they chose; null is no choice. */
export interface Reach {
  email: string | null;
  phone: string | null;
  byEmail: boolean | null;
  bySms: boolean | null;
}

/**
 * Chooses the channels of a message in the order in which they are tried: what the person wants, or e-mail, or else SMS.
 * A legal notice takes any channel when nothing wanted is left, and each further one is for when those before have failed.
 *
 * @param open the channels that this installation has
 * @returns `now`, to be sent at once, and `later`, each for when those before have failed
 */
export function channelsFor(
  reach: Reach,
  legal: boolean,
  open: readonly Channel[],
): { now: Channel[]; later: Channel[] } {
  const possible = channels.filter((channel) => open.includes(channel) && addressIn(reach, channel) !== null);
  const chosen = { email: reach.byEmail, sms: reach.bySms };
  const wanted = possible.filter(
    (channel) => chosen[channel] ?? (channel === 'email' || !possible.includes('email')),
  );
  if (!legal) return { now: wanted, later: [] };
  const now = wanted.length > 0 ? wanted : possible.slice(0, 1);
  return { now, later: possible.filter((channel) => !now.includes(channel)) };
}

/** Gives the address of a person on a channel. */
export const addressIn = (reach: Pick<Reach, 'email' | 'phone'>, channel: Channel): string | null =>
  channel === 'email' ? reach.email : reach.phone;

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
