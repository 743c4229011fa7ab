import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begins with the explorer, which takes longest, so that at the end no processor waits for it. */
class ExplorerFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.includes('/testing/explorer/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    globalSetup: './testing/global-setup.ts',
    include: ['**/*.test.ts'],
    exclude: ['node_modules', '.data', '.cache'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // No module keeps state that a story could meet in another file, and loading the product anew for each took a quarter
    // of the time.
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: ExplorerFirst },
  },
});
