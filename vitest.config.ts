import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

import { criticalFiles, lineCoverage } from './scripts/quality/critical-files.ts'

// Tests read the packages' sources through this condition, so that none of them waits for a build.
// `import` stays out of the list: it would reach `require()` calls inside CommonJS dependencies, and break them.
const conditions = ['@keploy-framework/source', 'node']

// What takes a machine of its own (.ci/acceptance): whole services, recorded and replayed, matrices of drivers, clients in
// other languages, and runs of runners that are killed. They take longer than all other tests together.
const acceptance = [
  'apps/sample-service/src/policy/opa.service.test.ts',
  'apps/sample-service/{src/ui-state/redis-ui-state,test/{chains,domains,orchestrator,parts,platform,ui-state}}.service.test.ts',
  'apps/sample-service/test/{frames,kills,load,load-users,outages,poison,schemathesis}.service.test.ts',
  'apps/sample-service/test/batteries/*.service.test.ts',
  'apps/sample-service/test/{flows/flows,recorded/recorded-suite,toolkit}.service.test.ts',
  'packages/fixtures/src/docker-manager/*.service.test.ts',
  'packages/fixtures/src/docker/dead-runs.service.test.ts',
  'packages/fixtures/src/helpers/standard-fixtures.service.test.ts',
  'packages/fixtures/src/services/postgres/postgres-machine.service.test.ts',
  'packages/fixtures/src/vitest/define-fixtures.service.test.ts',
  'packages/fixtures/test/*.service.test.ts',
  'tests/e2e/{containers,keploy-decoder.e2e,unified-run}.test.ts',
  'tests/services/{amqp,go,hook,java,kafka,llm,node,python,secrets}/**/*.service.test.ts',
  'tests/services/*/tls*.service.test.ts',
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
          exclude: ['**/node_modules/**', ...acceptance],
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
      // A part of `keploy-framework run` covers a part; the run has a bar of its own.
      thresholds:
        process.env['KEPLOY_RUN'] && process.argv.includes('--coverage.enabled')
          ? {}
          : {
              ...Object.fromEntries(everyPackage.map((folder) => [`${folder}/**`, { lines: lineCoverage.package }])),
              ...Object.fromEntries(criticalFiles.map((files) => [files, { lines: lineCoverage.critical }])),
            },
    },
  },
})
