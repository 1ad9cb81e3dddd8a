import type { OptionTable } from '../../cli/command.ts'
import { sharedOptions } from '../shared-options.ts'

export const recordOptions = {
  port: {
    type: 'integer',
    short: 'p',
    value: 'PORT',
    min: 1,
    max: 65_535,
    description: 'Where the service listens. Default: that of keploy.yml, else 8000.',
  },
  listen: {
    type: 'integer',
    value: 'PORT',
    min: 1,
    max: 65_535,
    description:
      'Where clients connect. Without it, a service that is started here is moved to another PORT, and clients keep using --port.',
  },
  host: { type: 'string', value: 'HOST', description: 'Address to listen on. Default: 127.0.0.1.' },
  target: {
    type: 'string',
    value: 'URL',
    description:
      'Record what runs there already: http://…, https://… or unix:/path/of/socket. Starts nothing, and stands in place of --port.',
  },
  tls: {
    type: 'boolean',
    description:
      'Clients talk HTTPS to the recorder. It makes a certificate for this run and says where it lies, so that clients can trust it.',
  },
  command: sharedOptions.command,
  service: {
    ...sharedOptions.service,
    description: 'Which of the services in keploy.yml is meant; with --compose, which one of that file.',
  },
  compose: sharedOptions.compose,
  path: { type: 'list', value: 'PREFIXES', description: 'Record only requests below these paths.' },
  'test-set': { type: 'string', value: 'NAME', description: 'Name of the set. Default: the next test-set-N.' },
  append: { type: 'boolean', description: 'Add to the set of that name.' },
  replace: { type: 'boolean', description: 'Record the set of that name again, from scratch.' },
  duration: {
    type: 'duration',
    short: 'd',
    value: 'TIME',
    min: 1,
    description: 'Stop after so long, for example 30s.',
  },
  max: { type: 'integer', value: 'N', min: 1, description: 'Stop after so many tests.' },
  dedupe: { type: 'boolean', description: 'Keep one test for each route, status and shape.' },
  keep: {
    type: 'list',
    value: 'KINDS',
    choices: ['health', 'assets', 'preflight'],
    description: 'Record what is usually left out.',
  },
  mocks: {
    type: 'boolean',
    onByDefault: true,
    description:
      'Let the service that is started here call its dependencies directly; their answers are then not recorded.',
  },
  serial: {
    type: 'boolean',
    description: 'Let one request in at a time, so that it is certain which one caused a call to a dependency.',
  },
  hook: {
    type: 'boolean',
    description: 'Hook a Node service in place of relays: each call is followed to the request that caused it.',
  },
  redact: {
    type: 'boolean',
    onByDefault: true,
    description: 'Write passwords, tokens and cookies as plain text.',
  },
  'save-secrets': {
    type: 'boolean',
    description:
      'Keep the real values in secret.yaml, readable by you and ignored by git, so that a replay can fill them.',
  },
  fsync: {
    type: 'string',
    value: 'POLICY',
    choices: ['never', 'interval', 'always'],
    description: 'How often the journal is forced to the disk. Default: interval.',
  },
  'ready-timeout': sharedOptions['ready-timeout'],
  dir: sharedOptions.dir,
  recover: {
    type: 'boolean',
    description: 'Make tests of the journals of recordings that did not end as they should.',
  },
} as const satisfies OptionTable
