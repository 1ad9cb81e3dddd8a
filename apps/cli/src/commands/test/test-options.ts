import type { OptionTable } from '../../cli/command.ts'
import { sharedOptions } from '../shared-options.ts'

export const testOptions = {
  url: { type: 'string', value: 'URL', description: 'Test what runs there already; starts nothing.' },
  command: sharedOptions.command,
  service: {
    ...sharedOptions.service,
    description: 'Which of the services in keploy.yml is meant; with --compose, which one of that file.',
  },
  compose: sharedOptions.compose,
  port: {
    type: 'integer',
    short: 'p',
    value: 'PORT',
    min: 1,
    max: 65_535,
    description: 'Where the service listens; it is told in PORT. Default: that of keploy.yml, else 8000.',
  },
  dir: sharedOptions.dir,
  'test-sets': { type: 'list', value: 'GLOBS', description: 'Run these sets only.' },
  tests: { type: 'list', value: 'GLOBS', description: 'Run these tests, and the tests whose values they need.' },
  tags: { type: 'list', value: 'TAGS', description: 'Run tests with one of these tags.' },
  mocks: {
    type: 'string',
    value: 'MODE',
    choices: ['strict', 'off', 'record-missing'],
    description:
      'strict answers what the service asks its dependencies from the recording, and fails on anything else; off lets it reach them; record-missing does too, and adds the calls that the recording does not have. Default: strict where a set has mocks and the service is started here.',
  },
  hook: { type: 'boolean', description: 'Hook a Node service; relays stand by for what is not hooked.' },
  'strict-unused': { type: 'boolean', description: 'Recorded calls that the service did not make fail the run.' },
  timing: {
    type: 'boolean',
    description: 'Keep the delays within recorded streams of dependencies. Default: all at once.',
  },
  workers: {
    type: 'integer',
    value: 'N',
    min: 1,
    max: 256,
    description: 'Requests under way at once, across tests that share no value. Default: 1.',
  },
  'fail-fast': { type: 'boolean', description: 'Stop after the first test that does not pass.' },
  retries: {
    type: 'integer',
    value: 'N',
    max: 100,
    description: 'Try a failed test again; a pass is then reported as flaky. Default: 0.',
  },
  'min-pass-rate': { type: 'ratio', value: 'RATE', description: 'Share of tests that has to pass. Default: 1.' },
  timeout: { type: 'duration', value: 'TIME', min: 1, description: 'Limit of one test. Default: 5s.' },
  'ready-timeout': sharedOptions['ready-timeout'],
  'health-path': { type: 'string', value: 'PATH', description: 'Ask here whether the service is ready.' },
  validate: { type: 'boolean', description: 'End with the verdict on the pass rate, suite by suite.' },
  report: { type: 'boolean', description: 'Write the HTML page too.' },
  reporter: sharedOptions.reporter,
  output: sharedOptions.output,
  'allow-scripts': { type: 'boolean', description: 'Run the scripts and the command that a set itself names.' },
  verbose: sharedOptions.verbose,
} as const satisfies OptionTable
