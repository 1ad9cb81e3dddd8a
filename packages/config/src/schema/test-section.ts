import { z } from 'zod'

import {
  anything,
  count,
  flag,
  key,
  looseText,
  noiseBuckets,
  port,
  seconds,
  section,
  duration,
  selection,
  text,
  texts,
  unused,
} from './scalars.ts'

const replacement = section({
  url: key(z.record(z.string(), looseText), 'Part of a recorded URL, and what to put in its place.'),
  port: key(z.record(z.string(), port), 'Recorded port, and the port to use in its place.'),
})

const protocol = section({ port: key(port, 'Port of this protocol; 0 means `test.port`.') })

/** The keys under `test:`. */
export const testSection = section({
  selectedTests: key(
    selection,
    'Which tests to run: set name to test names; an empty list is the whole set, no set at all is everything.',
  ),
  ignoredTests: key(selection, 'Which tests to leave out: set name to test names; an empty list is the whole set.'),
  globalNoise: key(
    section({
      global: key(
        noiseBuckets,
        'Noise of every set: `body` and `header` to field to patterns. An empty list accepts any value.',
      ),
      'test-sets': key(z.record(z.string(), noiseBuckets), 'Noise of one set: set name, then as in `global`.'),
    }),
    'Fields whose values may change from run to run.',
  ),
  replaceWith: unused(
    section({
      global: key(replacement, 'For every set.'),
      'test-sets': key(z.record(z.string(), replacement), 'For one set, by its name.'),
    }),
    'Where to send recorded requests instead.',
  ),
  delay: unused(
    seconds,
    'Seconds to wait after the service was started. Readiness is probed instead: first the port, then the health check.',
  ),
  healthUrl: key(
    text,
    'A whole URL that tells that the service is ready. Only its path counts: where the service is, is known.',
  ),
  healthPath: key(
    text,
    'A path of the service, `/health` for example, that answers with a status below 400 once it is ready.',
  ),
  healthPollTimeout: key(duration, 'How long the service may take to become ready.'),
  appReadyProbeAddr: unused(text, '`host:port` that accepts connections once the service is ready.'),
  host: key(text, 'Host to send requests to; empty means this machine.'),
  port: key(port, 'Port to send requests to; 0 means the port of the service.'),
  grpcPort: unused(port, 'Port for gRPC requests.'),
  ssePort: unused(port, 'Port for requests whose answer is a stream of server-sent events; 0 means `port`.'),
  protocol: key(
    section({
      http: key(protocol, 'HTTP requests.'),
      sse: unused(protocol, 'Requests answered by server-sent events.'),
      grpc: unused(protocol, 'gRPC requests.'),
    }),
    'Ports by protocol.',
  ),
  apiTimeout: key(seconds, 'Seconds that one request may take.'),
  basePath: key(text, 'URL of a running service to test; it is then not started.'),
  minPassRate: key(z.number().min(0).max(1), 'Share of tests that must pass, 0 to 1.'),
  retries: key(
    z.int().min(0).max(100),
    'How often a failed test, with those it needs, is run again. A pass after a retry is reported as flaky.',
  ),
  workers: key(z.int().min(1).max(256), 'How many independent chains of tests may run at a time.'),
  failFast: key(flag, 'Stop at the first test that does not pass.'),
  ignoreOrdering: key(
    flag,
    'Compare arrays without regard to order. Keploy does so unless told otherwise; here order counts unless the file says `true`.',
  ),
  schemaMatch: key(flag, 'Compare keys and types only.'),
  compareAll: unused(flag, 'Compare bodies that are not JSON too; here they always are.'),
  disableAutoHeaderNoise: unused(
    flag,
    'Compare also the response headers that always change (`Date`, request and trace ids).',
  ),
  mocking: key(flag, 'Answer the calls of the service from mocks.'),
  mongoPassword: unused(text, 'Password that the replayed service uses for MongoDB.'),
  removeUnusedMocks: unused(flag, 'Rewrite mocks to those that were used.'),
  preserveFailedMocks: unused(flag, 'Keep mocks of failed tests.'),
  fallBackOnMiss: unused(flag, 'Go to the real dependency when no mock fits.'),
  updateTemplate: unused(flag, 'Write new template values after a run.'),
  updateTestMapping: unused(flag, 'Write which mocks each test used.'),
  strictFailure: unused(flag, 'Fail, and do not call obsolete, a test whose mocks differ too.'),
  strictMockWindow: unused(flag, 'Use a mock only in the time window of its test.'),
  schemaNoiseDetection: unused(flag, 'Learn noise of mock requests.'),
  schemaNoiseStrict: unused(flag, 'Enforce the learned noise of mock requests.'),
  keepAppAlive: key(flag, 'One process of the service for all sets.'),
  skipAppRestart: key(flag, 'The same as `keepAppAlive`, by an older name.'),
  connectionPoolIdleRetention: unused(duration, 'How long idle connections are kept.'),
  mustPass: unused(flag, 'Delete failing tests until all pass.'),
  maxFailAttempts: unused(count, 'Rounds of `mustPass`.'),
  maxFlakyChecks: unused(count, 'Rounds of `mustPass` that look for flaky tests.'),
  skipCoverage: unused(flag, 'Leave out code coverage.'),
  coverageReportPath: unused(text, 'Where code coverage is written.'),
  disableLineCoverage: unused(flag, 'Leave out line coverage.'),
  language: unused(text, 'Language of the service, for code coverage.'),
  jacocoAgentPath: unused(text, 'Java agent for code coverage.'),
  protoFile: unused(text, 'Protocol buffer file for gRPC.'),
  protoDir: unused(text, 'Folder of protocol buffer files.'),
  protoInclude: unused(texts, 'Include folders of protocol buffer files.'),
  disableMockUpload: unused(flag, 'Enterprise: keep mocks local.'),
  useLocalMock: unused(flag, 'Enterprise: use local mocks.'),
  disableReportUpload: unused(flag, 'Enterprise: keep reports local.'),
  freezeTime: unused(anything, 'Enterprise: stop the clock of the service.'),
  dedup: unused(anything, 'Enterprise: leave out tests that cover the same code.'),
  fuzzyMatch: unused(anything, 'Enterprise: match mocks by similarity.'),
  mappings: unused(anything, 'Enterprise: tests to mocks.'),
  replayMatchers: unused(anything, 'Matchers of a replay.'),
})
