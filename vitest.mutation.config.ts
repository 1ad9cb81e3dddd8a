import { defineConfig } from 'vitest/config'

// The copy of the packages that Stryker changes (stryker.config.json) has none of the other projects.
const conditions = ['@keploy-framework/source', 'node']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/{format,match,validator}/src/**/*.test.ts'],
    testTimeout: 30_000,
  },
})
