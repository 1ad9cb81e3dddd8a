import { defineConfig } from 'vitest/config'

// The copy of the packages that Stryker changes (stryker.config.json) has none of the other projects.
const conditions = ['@keploy-framework/source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/{format,match,validator}/src/**/*.test.ts'],
    setupFiles: ['./vitest.mutation.setup.ts'],
    // Mutants are switched by a variable, so that one worker can run all files.
    isolate: false,
    testTimeout: 30_000,
  },
})
