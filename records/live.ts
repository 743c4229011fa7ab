/** Channel on which PostgreSQL tells, after each commit, which queues and cases have changed (migration 0021). */
export const liveChannel = 'motcua_live';

/** What has changed: the queues of an agency, or a case. */
export type Change = { queues: string } | { case: string };

/** Reads what was told on {@link liveChannel}; undefined for words of a later version. */
export function changeOf(payload: string | undefined): Change | undefined {
  const [what, which] = (payload ?? '').split(' ');
  if (!which) return undefined;
  if (what === 'queues') return { queues: which };
  return what === 'case' ? { case: which } : undefined;
}
