import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{sdk,core,host}/src/**/*.test.ts', 'extensions/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      ...(process.env['POSTHORN_TEST_LONG'] === '1' ? [] : ['**/*.long.test.ts']),
    ],
    // Tests start the program some thousand times, each in an instance of its own: they share what is compiled.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/code', import.meta.url)) },
    pool: 'forks',
    // Many tests wait for servers more than they compute: one more than the two cores that they are cut for.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
  },
});
