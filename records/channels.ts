/**
 * The ways on which an application comes: online by the citizen, at the counter of an agency, by the public post
 * (Decree 118/2025 Art. 15), or from a machine.
 */
export const channels = ['online', 'counter', 'postal', 'machine'] as const;
export type Channel = (typeof channels)[number];
