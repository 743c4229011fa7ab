import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: './testing/global-setup.ts',
    include: ['**/*.test.ts'],
    exclude: ['node_modules', '.data', '.cache'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
