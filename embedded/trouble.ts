/** Something the operator has to change before Motcua can start; its message is one line that says what and how. */
export class LaunchError extends Error {}

/** Gives the one line of any error, for a sentence that goes on about it. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n')[0] ?? '';
}
