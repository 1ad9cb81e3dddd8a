import { z } from 'zod'

import {
  anything,
  count,
  duration,
  flag,
  key,
  looseText,
  pattern,
  patterns,
  port,
  section,
  size,
  text,
  texts,
  unused,
} from './scalars.ts'

const filter = section({
  path: key(pattern, 'Regular expression on the path.'),
  host: key(pattern, 'Regular expression on the host.'),
  port: key(port, 'The port; 0 is any.'),
  urlMethods: key(z.array(z.string()), 'Methods; empty is any.'),
  headers: key(z.record(z.string(), pattern), 'Header name to a regular expression on its value.'),
  matchType: key(z.enum(['OR', 'AND']), 'Whether one condition is enough, or all must hold.'),
  filterPolicy: key(z.enum(['include', 'exclude']), 'Whether a matching request becomes a test, or is left out.'),
})

/** The keys under `record:`. */
export const recordSection = section({
  filters: key(z.array(filter), 'Which requests become tests.'),
  basePath: key(text, 'Only requests whose path begins with this become tests; empty is all.'),
  recordTimer: key(duration, 'Stop recording after this time; `0s` is never.'),
  maxTests: key(count, 'Stop recording after this many tests; 0 is no limit.'),
  bodyLimit: key(size, 'Bodies up to this size are stored; of longer ones only size and digest are.'),
  fsync: key(
    z.enum(['never', 'interval', 'always']),
    'When the journal is forced to the disk: `never` survives a killed recorder, `interval` a power cut but for the last second, `always` any.',
  ),
  listenHost: key(text, 'Address on which the recorder listens.'),
  listenPort: key(port, 'Port on which the recorder listens; 0 picks one.'),
  dedupe: key(flag, 'Keep one test of requests that look alike (same route, status and shape).'),
  exclude: key(
    section({
      healthChecks: key(flag, 'Leave out health checks (`/health`, `/healthz`, `/ready`…).'),
      assets: key(flag, 'Leave out static files (scripts, styles, images, fonts).'),
      preflights: key(flag, 'Leave out CORS preflights (`OPTIONS`).'),
      paths: key(patterns, 'Leave out requests whose path matches one of these regular expressions.'),
    }),
    'What does not become a test; the summary says how many were left out.',
  ),
  metadata: unused(text, '`name=NAME` names the set.'),
  testCaseNaming: unused(z.enum(['descriptive', 'sequential']), 'How tests are named.'),
  sync: unused(flag, 'Record one request at a time.'),
  enableSampling: unused(z.union([z.number(), z.boolean()], { error: () => 'a number' }), 'Requests kept per period.'),
  memoryLimit: unused(count, 'Megabytes of the recorder.'),
  globalPassthrough: unused(flag, 'Record no mocks.'),
  mockFormat: unused(text, 'How mocks are stored.'),
  capturePackets: unused(flag, 'Store packets beside.'),
  opportunisticTlsIntercept: unused(flag, 'Look into TLS where possible.'),
  tlsPrivateKeyPath: unused(text, 'Private key of the service.'),
  upstreamTls: unused(anything, 'How certificates of dependencies are checked.'),
  channelBindingShim: unused(anything, 'Enterprise: channel binding.'),
  recordBuffer: unused(anything, 'Buffers of the recorder.'),
  passThroughPorts: unused(z.array(z.unknown()), 'Ports of dependencies that are not recorded.'),
  passThroughHosts: unused(z.array(z.unknown()), 'Hosts of dependencies that are not recorded.'),
  enableObfuscation: unused(anything, 'Enterprise: hide values; here `redact` does.'),
  'static-dedup': unused(anything, 'Enterprise: leave out alike requests; here `record.dedupe` does.'),
  bigPayload: unused(anything, 'Enterprise: store large bodies; here `record.bodyLimit` decides.'),
  agent: unused(anything, 'Enterprise: agent of the recorder.'),
  e2eAgent: unused(anything, 'Enterprise: agent of the recorder.'),
})

/** The keys under `redact:`. */
export const redactSection = section({
  enabled: key(flag, 'Replace secrets by placeholders before anything is written or shown.'),
  headers: key(texts, 'More headers whose values are secret.'),
  jsonPaths: key(texts, 'More JSON paths whose values are secret, `user.ssn` or `items[*].token` for example.'),
  keys: key(texts, 'More names of JSON and form fields whose values are secret.'),
  patterns: key(
    patterns,
    'Regular expressions of more secrets. The first group is the secret, or the whole match where there is no group.',
  ),
})

export const bypassRule = section({
  path: key(pattern, 'Regular expression on the path.'),
  host: key(pattern, 'Regular expression on the host.'),
  port: key(port, 'The port; 0 is any.'),
})

export const asyncSection = section({
  lanes: unused(z.array(z.unknown()), 'Lanes of background traffic.'),
})

export const servicesList = z.array(
  section({
    name: z.string().min(1).meta({ description: 'Name of the service, for `--service`.' }),
    command: key(text, 'How the service is started.'),
    port: key(port, 'Where the service listens.'),
    path: key(text, 'Folder of the service, which holds its `keploy/`; relative to this file.'),
    healthPath: key(text, 'A path that answers with a status below 400 once the service is ready.'),
  }),
)

export const menuSection = section({
  title: key(text, 'Banner of the menu.'),
  entries: key(
    z.array(
      section({
        key: z
          .union([z.string(), z.int()], { error: () => 'a character or digit' })
          .meta({ description: 'What to type; `0` always leaves the menu.' }),
        title: z.string().min(1).meta({ description: 'What the entry says.' }),
        command: z.string().min(1).meta({ description: 'The command it runs, in a shell.' }),
      }),
    ),
    'Entries of the menu; an empty list keeps the built-in ones.',
  ),
})

export const setsSection = z.record(
  z.string(),
  section({
    beforeSet: key(text, 'Command to run before this set instead of the one for all sets.'),
    afterSet: key(text, 'Command to run after this set instead of the one for all sets.'),
  }),
)

export const suitesSection = z.record(z.string(), looseText)
