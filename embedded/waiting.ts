import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither `undefined` nor `false`.
 *
 * @param patience milliseconds after which it gives up
 * @param pause milliseconds between two questions
 * @returns the answer, or `undefined` when patience ran out
 */
export async function until<T>(
  ask: () => Promise<T | false | undefined> | T | false | undefined,
  patience: number,
  pause = 50,
): Promise<T | undefined> {
  const end = performance.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) return undefined;
    await sleep(pause);
  }
}
