import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begins with the stories that take minutes, the longest first, so that at the end no processor waits for one of them. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const long = ['testing/explorer/', 'workflows/lint.test.ts', 'pages/pages.test.ts', 'testing/'];
    const rank = ({ moduleId }: TestSpecification) => {
      const found = long.findIndex((part) => moduleId.includes(`/${part}`));
      return found < 0 ? long.length : found;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    globalSetup: './testing/global-setup.ts',
    include: ['**/*.test.ts'],
    exclude: ['node_modules', '.data', '.cache'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Speed is measured in bench/: a story on a busy machine may wait for what it expects.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // No module keeps state that a story could meet in another file, and loading the product anew for each took a quarter
    // of the time.
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
