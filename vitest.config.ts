import { defineConfig } from 'vitest/config';

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
  },
});
