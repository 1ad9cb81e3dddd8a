import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'

import { defaults } from './defaults.ts'
import { environmentKeys, environmentName } from './environment.ts'
import { configJsonSchema, schemaAt, type SchemaNode } from './json-schema.ts'
import { KeployConfig } from './keploy-config.ts'

/** Keys of Keploy's own file that the defaults must name, with the value Keploy gives them where it differs from ours. */
const OURS: Readonly<Record<string, unknown>> = { 'test.ignoreOrdering': true }

/** What Keploy writes for a new project. */
const KEPLOY = {
  path: '',
  appId: 0,
  appName: '',
  command: '',
  templatize: { testSets: [] },
  port: 0,
  e2e: false,
  proxyPort: 16789,
  incomingProxyPort: 36789,
  dnsPort: 26789,
  serverPort: 0,
  debug: false,
  disableANSI: false,
  disableTele: false,
  jsonOutput: false,
  generateGithubActions: false,
  inCi: false,
  containerName: '',
  networkName: '',
  buildDelay: 30,
  cmdType: 'native',
  keployContainer: 'keploy-v3',
  keployNetwork: 'keploy-network',
  configPath: '',
  bypassRules: [],
  mysqlPorts: [],
  disableMysqlAutoDetect: false,
  disableMysqlEndpointDrift: false,
  disableMapping: false,
  retryPassing: false,
  storageFormat: 'yaml',
  test: {
    selectedTests: {},
    ignoredTests: {},
    globalNoise: { global: {}, 'test-sets': {} },
    delay: 5,
    healthUrl: '',
    healthPollTimeout: '60s',
    appReadyProbeAddr: '',
    host: '',
    port: 0,
    grpcPort: 0,
    ssePort: 0,
    apiTimeout: 5,
    skipCoverage: false,
    coverageReportPath: '',
    language: '',
    jacocoAgentPath: '',
    disableLineCoverage: false,
    ignoreOrdering: true,
    mongoPassword: '',
    removeUnusedMocks: false,
    preserveFailedMocks: false,
    basePath: '',
    mocking: true,
    updateTemplate: false,
    mustPass: false,
    maxFailAttempts: 5,
    maxFlakyChecks: 1,
    protoFile: '',
    protoDir: '',
    protoInclude: [],
    compareAll: false,
    schemaMatch: false,
    updateTestMapping: false,
    disableAutoHeaderNoise: false,
    schemaNoiseDetection: false,
    schemaNoiseStrict: false,
    strictFailure: false,
    strictMockWindow: true,
    keepAppAlive: false,
    connectionPoolIdleRetention: '5m',
  },
  record: { recordTimer: '0s', filters: [], basePath: '' },
  contract: {
    driven: 'consumer',
    mappings: { servicesMapping: {}, self: '' },
    services: [],
    tests: [],
    path: '',
    download: false,
    generate: false,
  },
  mock: { name: 'default', onMiss: 'fail' },
  async: { lanes: [] },
}

const ENTERPRISE = `
autogen: {a: 1}
autogenV2: {}
cloud: {}
dedup: {enabled: true}
debugCmd: x
generateParallel: true
mockDownload: {registryIds: []}
testSuite: {}
load: {}
monitor: {}
record: {enableObfuscation: true, static-dedup: true, bigPayload: true, agent: x, e2eAgent: x}
test: {freezeTime: true, dedup: false, fuzzyMatch: warn, useLocalMock: true, disableMockUpload: true, disableReportUpload: true, skipAppRestart: true, mappings: {}}
`

function leaves(tree: object, path: readonly string[] = []): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const inner = [...path, key]
    const schema = schemaAt(inner)
    return schema?.properties ? leaves(value as object, inner) : [[inner.join('.'), value] as [string, unknown]]
  })
}

describe('the configuration of Keploy', () => {
  it('is accepted with every key, and has the same defaults but for the order of arrays', () => {
    expect(KeployConfig.validate(stringify(KEPLOY)).map((issue) => issue.code)).toEqual(['KEPLOY_CONFIG_LOOSE'])
    for (const [path, value] of leaves(KEPLOY)) {
      expect([path, schemaAt(path.split('.'))?.default]).toEqual([path, path in OURS ? false : value])
    }
  })

  it('may hold the keys of the enterprise edition, and rules in all their forms', () => {
    expect(KeployConfig.validate(ENTERPRISE)).toEqual([])
    const rules = `
bypassRules: [{path: "/x.*", host: a, port: 1}]
test:
  selectedTests: {test-set-0: [], test-set-1: [test-1]}
  globalNoise:
    global: {body: {id: [], at: ["^2"], "*": ["*"]}, header: {Date: }, url: {u: ["x"]}, requestbody: {a: []}}
    test-sets: {test-set-0: {body: {x: []}}}
  replaceWith: {global: {url: {"a:1": "b:2"}, port: {8050: 8000}}, test-sets: {s: {port: {1: 2}}}}
  protocol: {http: {port: 1}, sse: {port: 2}, grpc: {port: 3}}
record:
  filters: [{path: "/api/.*", host: x, port: 0, urlMethods: [GET], headers: {X-A: "1"}, matchType: AND, filterPolicy: exclude}]
  passThroughPorts: [1]
  passThroughHosts: [{port: 1, host: a, path: b, mode: skip}]
  recordBuffer: {maxMemoryPerConnection: 64MiB, queueSize: 1024, consumerStallGrace: 2s}
  upstreamTls: {verify: true, caCert: x}
mock: {name: m, onMiss: passthrough, strict: true, local: true, recordTimer: 5s}
async: {lanes: [{name: a, type: poll, match: {}, throttleMs: 5}]}
`
    expect(KeployConfig.validate(rules).filter((issue) => issue.code !== 'KEPLOY_CONFIG_NO_EFFECT')).toEqual([])
  })

  it('has a description for every key, and a default for every key that is not of the enterprise edition or internal', () => {
    const missing: string[] = []
    const walk = (node: SchemaNode, path: readonly string[]): void => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        const inner = [...path, key]
        if (!child.description) missing.push(inner.join('.'))
        if (child.properties) walk(child, inner)
        else if (child.default === undefined && !child.description?.includes('without effect'))
          missing.push(inner.join('.'))
      }
    }
    walk(configJsonSchema(), [])
    expect(missing).toEqual([])
  })

  it('gives each key a variable of its own', () => {
    const paths = new Set([...environmentKeys().values()].map((path) => path.join('.')))
    const known = leaves(defaults).map(([path]) => path)
    expect(known.filter((path) => !paths.has(path))).toEqual([])
    expect(environmentName('test.globalNoise.test-sets')).toBe('KEPLOY_TEST_GLOBAL_NOISE_TEST_SETS')
  })
})
