import type { OptionTable } from '../cli/command.ts'

/** Options that mean the same in several commands. */
export const sharedOptions = {
  command: { type: 'string', short: 'c', value: 'COMMAND', description: 'Start the service with this shell command.' },
  service: {
    type: 'string',
    value: 'NAME',
    description: 'Which of the services in keploy.yml is meant.',
  },
  compose: {
    type: 'string',
    value: 'FILE',
    description:
      'The service runs in a container of this compose file: it is started with docker compose, and led to relays on the bridge of Docker. A command such as docker run behind -- needs no file.',
  },
  dir: { type: 'string', value: 'DIR', description: 'The folder of test sets. Default: keploy.' },
  'ready-timeout': { type: 'duration', value: 'TIME', min: 1, description: 'Limit of the start-up. Default: 60s.' },
  reporter: {
    type: 'list',
    value: 'NAMES',
    choices: ['pretty', 'json', 'junit', 'html', 'github'],
    description: 'How the result is told. Default: pretty.',
  },
  output: {
    type: 'string',
    short: 'o',
    value: 'DIR',
    description: 'Where files of reporters go. Default: keploy-report.',
  },
  verbose: { type: 'boolean', description: 'Show every bound value and every rule, and cut nothing.' },
} as const satisfies OptionTable
