/** Thrown when a rule is broken; its message is the story that led there. */
export class Broken extends Error {
  readonly rule: string;

  constructor(rule: string, what: string, story: string[]) {
    const lines = story.map((line, index) => `  ${String(index + 1).padStart(2)}. ${line}`);
    super([`${what}`, ...lines, `  expected: ${rule}`, `  but: ${what}`].join('\n'));
    this.rule = rule;
  }
}
