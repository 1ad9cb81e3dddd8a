import { z } from 'zod'

import { dependenciesSection } from './dependencies-section.ts'
import {
  asyncSection,
  bypassRule,
  menuSection,
  recordSection,
  redactSection,
  servicesList,
  setsSection,
  suitesSection,
} from './record-section.ts'
import { runSection } from './run-section.ts'
import { anything, duration, flag, key, port, seconds, section, selection, text, texts, unused } from './scalars.ts'
import { testSection } from './test-section.ts'

/** `keploy.yml` as a person writes it: every key may be left out, keys we do not know are kept. */
export const writtenConfigSchema = section({
  path: key(text, 'Folder that holds `keploy/`, relative to this file; empty is the folder of this file.'),
  appName: unused(text, 'Name of the service, for titles of reports.'),
  command: key(text, 'How the service is started, `npm start` for example.'),
  port: key(port, 'Where the service listens; 0 is unknown.'),
  services: key(servicesList, 'Several services in one repository; `--service NAME` picks one.'),
  test: key(testSection, 'Replaying.'),
  record: key(recordSection, 'Recording.'),
  run: key(runSection, 'One run over all tests of the project, with `keploy-framework run`.'),
  dependencies: key(dependenciesSection, 'What the service calls, and how it is told where that is.'),
  redact: key(redactSection, 'Secrets. On unless switched off.'),
  compare: key(
    section({
      looseNoise: key(
        flag,
        'Match noise as Keploy does: header names by substring, fields without a dot at any depth.',
      ),
    }),
    'How strict the comparison is.',
  ),
  report: key(
    section({
      reporters: key(
        z.array(z.enum(['pretty', 'json', 'junit', 'html', 'github'])),
        'Reporters of a run, unless `--reporter` names others.',
      ),
      output: key(text, 'Folder for the files of reporters; empty leaves it to the command.'),
      selectedTestSets: unused(selection, 'Which sets `report` shows.'),
      showFullBody: unused(flag, 'Show whole bodies.'),
      reportPath: unused(text, 'A report to show instead of the latest.'),
      summary: unused(flag, 'Show the summary only.'),
      testCaseIDs: unused(texts, 'Which tests `report` shows.'),
      format: unused(text, 'How `report` writes.'),
    }),
    'Reports.',
  ),
  beforeSet: key(text, 'Command to run before each set, to reset state for example.'),
  afterSet: key(text, 'Command to run after each set, also when tests failed.'),
  sets: key(setsSection, 'Settings of one set, by its name.'),
  suites: key(
    suitesSection,
    'Glob of paths to the name of their suite in reports; the first that fits counts: `/health: Health & Status`, `/api/v1/sessions/**: Sessions`. What none fits is named after its route.',
  ),
  menu: key(menuSection, 'The interactive menu.'),
  containerName: key(
    text,
    'The container of the service: in a compose file the service that is meant where --service names none; for `docker run` its name where the command gives none.',
  ),
  networkName: key(
    text,
    'A network that the container joins: in addition with compose, for `docker run` where the command names none.',
  ),
  buildDelay: key(
    seconds,
    'Seconds that a container may take longer to be ready than `test.healthPollTimeout` allows.',
  ),
  cmdType: key(
    z.enum(['native', 'docker-run', 'docker-start', 'docker-compose']),
    'How `command` runs the service. Anything but `native` makes `doctor` ask for Docker; whether the service runs in a container is seen in the command itself.',
  ),
  debug: unused(flag, 'Say more on standard error.'),
  disableANSI: key(flag, 'No colours.'),
  jsonOutput: unused(flag, 'Results as JSON on standard output.'),
  inCi: unused(flag, 'Behave as in CI: no prompts, plain lines.'),
  generateGithubActions: unused(flag, 'Whether `setup` writes a workflow.'),
  configPath: unused(text, 'Folder of this file; for the command line.'),
  storageFormat: unused(z.enum(['yaml', 'json']), 'How tests are stored.'),
  disableTele: unused(flag, 'No telemetry; there never is any.'),
  disableMapping: unused(flag, 'Neither write nor use `mappings.yaml`.'),
  retryPassing: unused(flag, 'Run passing tests again to find flaky ones.'),
  bypassRules: key(
    z.array(bypassRule),
    'Calls of the service that are neither recorded nor mocked, as Keploy writes them; a rule with a `path` has no effect here. Better: `dependencies.bypass`.',
  ),
  templatize: unused(section({ testSets: unused(texts, 'Sets to turn into templates.') }), 'Templates.'),
  mysqlPorts: unused(z.array(port), 'Ports of MySQL servers.'),
  disableMysqlAutoDetect: unused(flag, 'Do not look for MySQL.'),
  disableMysqlEndpointDrift: unused(flag, 'MySQL servers keep their ports.'),
  contract: unused(
    section({
      driven: unused(z.enum(['consumer', 'provider']), 'Who drives the contract.'),
      mappings: unused(
        section({
          servicesMapping: unused(z.record(z.string(), z.unknown()), 'Service to the names it goes by.'),
          self: unused(text, 'Name of this service.'),
        }),
        'Names of services.',
      ),
      services: unused(texts, 'Services of the contract.'),
      tests: unused(texts, 'Tests of the contract.'),
      path: unused(text, 'Folder of contracts.'),
      download: unused(flag, 'Fetch contracts.'),
      generate: unused(flag, 'Write contracts.'),
    }),
    'Contract testing.',
  ),
  mock: unused(
    section({
      name: unused(text, 'Name of the set of mocks.'),
      onMiss: unused(z.enum(['fail', 'passthrough', 'record']), 'What a call without a mock does.'),
      strict: unused(flag, 'Fail when mocks are left.'),
      local: unused(flag, 'Local mocks only.'),
      recordTimer: unused(duration, 'Stop recording mocks after this time.'),
    }),
    'Mocks for other test runners.',
  ),
  async: unused(asyncSection, 'Background traffic.'),
  appId: unused(z.union([z.number(), z.string()], { error: () => 'a number' }), 'Identity of the service (old).'),
  e2e: unused(flag, 'Internal.'),
  proxyPort: unused(port, 'Port of the proxy.'),
  incomingProxyPort: unused(port, 'Port of the proxy for requests.'),
  dnsPort: unused(port, 'Port of the name server.'),
  serverPort: unused(port, 'Port of the agent.'),
  keployContainer: unused(text, "Name of the agent's container."),
  keployNetwork: unused(text, "Network of the agent's container."),
  enableTesting: unused(flag, 'Internal.'),
  inDocker: unused(flag, 'Internal.'),
  agent: unused(anything, 'Internal.'),
  gen: unused(anything, 'Unit test generation.'),
  normalize: unused(anything, 'Accepting responses.'),
  rerecord: unused(anything, 'Recording again.'),
  autogen: unused(anything, 'Enterprise: generated tests.'),
  autogenV2: unused(anything, 'Enterprise: generated tests.'),
  cloud: unused(anything, 'Enterprise: cloud.'),
  dedup: unused(anything, 'Enterprise: leave out alike tests.'),
  debugCmd: unused(anything, 'Enterprise: command of a debugger.'),
  generateParallel: unused(anything, 'Enterprise: generated tests.'),
  mockDownload: unused(anything, 'Enterprise: mocks from a registry.'),
  testSuite: unused(anything, 'Enterprise: suites.'),
  load: unused(anything, 'Enterprise: load.'),
  monitor: unused(anything, 'Enterprise: monitoring.'),
})

/** `keploy.yml` as a person writes it. */
export type WrittenConfig = z.input<typeof writtenConfigSchema>
