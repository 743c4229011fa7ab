/**
 * Answers calls that come within a moment of each other by one call for all of them; what it throws, each of them throws.
 *
 * @param answer gives a result for each item, in their order
 * @param most how many items one call takes; more go into the next
 * @param waitMs how long the first of them waits for others
 */
export function together<Item, Result>(
  answer: (items: Item[]) => Promise<Result[]>,
  most: number,
  waitMs: number,
): (item: Item) => Promise<Result> {
  interface Waiting {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  const go = () => {
    clearTimeout(timer);
    timer = undefined;
    const group = waiting;
    waiting = [];
    answer(group.map(({ item }) => item)).then(
      (results) => group.forEach(({ resolve }, index) => resolve(results[index]!)),
      (error: unknown) => group.forEach(({ reject }) => reject(error)),
    );
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length >= most) go();
      else timer ??= setTimeout(go, waitMs);
    });
}
