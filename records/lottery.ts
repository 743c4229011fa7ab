import { createHash, createHmac } from 'node:crypto';

/** Draws the lot of a member: nobody can choose it, and everybody can work it out once the seed is public. */
export const lotteryOf = (seed: Buffer, pseudonym: string): string =>
  createHmac('sha256', seed).update(pseudonym).digest('hex');

/** The digest of a seed, which is public before anybody applies. */
export const commitmentOf = (seed: Buffer): string => createHash('sha256').update(seed).digest('hex');
