import { defineConfig } from 'vitest/config';

/** `npm run record:history`: lives through the stories of `testing/*.record.ts` and writes down their histories. */
export default defineConfig({
  test: {
    globalSetup: './testing/global-setup.ts',
    include: ['testing/*.record.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
