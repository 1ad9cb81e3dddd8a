import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

// Tests read the packages' sources through this condition, so that none of them waits for a build.
// `import` stays out of the list: it would reach `require()` calls inside CommonJS dependencies, and break them.
const conditions = ['@keploy-framework/source', 'node']

// What a wrong verdict or a lost exchange would come from is covered further than the rest.
const critical = [
  'packages/match/src/bindings',
  'packages/recorder/src/journal',
  'packages/redact/src',
  'packages/validator/src',
]
// Whole services, recorded and replayed, matrices of drivers, and clients in other languages. They take as long as all
// other tests together, and need compilers and drivers that the others do not.
const acceptance = [
  'apps/sample-service/test/{chains,orchestrator,platform}.service.test.ts',
  'packages/fixtures/test/example.service.test.ts',
  'tests/services/{node,python,go,java}/**/*.service.test.ts',
  'tests/services/*/tls*.service.test.ts',
  'tests/services/hook/**/*.service.test.ts',
  'tests/services/kafka/other-languages.service.test.ts',
  'tests/services/mysql/mysql-tls.service.test.ts',
  'tests/services/postgres/python.service.test.ts',
  'tests/services/proxy/proxy-clients.service.test.ts',
]
const everyPackage = ['packages', 'apps'].flatMap((folder) =>
  readdirSync(folder).map((name) => `${folder}/${name}/src`),
)

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // On two cores Vitest would run one file at a time, and most of these wait for servers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.service.test.ts'],
          // For what hangs: a busy machine takes several times as long as a quiet one.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // Tests with a database, a broker or containers: `x.service.test.ts`, beside the source like all others.
          name: 'services',
          include: ['{packages,apps}/*/{src,test}/**/*.service.test.ts', 'tests/services/**/*.service.test.ts'],
          exclude: ['**/node_modules/**', ...acceptance],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // Services in four languages, every driver under the hook: a machine of its own runs them (.ci/acceptance).
          name: 'acceptance',
          include: acceptance,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // They try what people do, on the ports that people use.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/index.ts'],
      thresholds: {
        ...Object.fromEntries(everyPackage.map((folder) => [`${folder}/**`, { lines: 85 }])),
        ...Object.fromEntries(critical.map((folder) => [`${folder}/**`, { lines: 95 }])),
      },
    },
  },
})
