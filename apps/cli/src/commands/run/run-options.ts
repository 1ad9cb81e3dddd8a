import type { OptionTable } from '../../cli/command.ts'
import { sharedOptions } from '../shared-options.ts'

export const runOptions = {
  category: {
    type: 'list',
    value: 'NAMES',
    choices: ['unit', 'integration', 'e2e', 'mission_critical', 'performance'],
    description: 'Run tests of these categories only. Default: all but performance.',
  },
  marker: {
    type: 'string',
    value: 'EXPR',
    description: 'Run tests with these markers: "redis or (neo4j and not slow)".',
  },
  'test-file': { type: 'list', value: 'FILES', description: 'Run these files only: paths, names or globs.' },
  'last-failed': { type: 'boolean', description: 'Run only files with tests that failed the last time.' },
  'execution-mode': {
    type: 'string',
    value: 'MODE',
    choices: ['fast_feedback', 'nightly', 'full'],
    description:
      'fast_feedback takes what fits into two minutes, changed files first; nightly takes performance too, and measures coverage. Default: full.',
  },
  'real-services': {
    type: 'boolean',
    description: 'A missing service is a failure, and recorded sets run without mocks (KEPLOY_REQUIRE_SERVICES=all).',
  },
  'real-llm': {
    type: 'boolean',
    description: 'Let tests call the real API (ENABLE_REAL_API_TESTS); the key is checked first.',
  },
  'dynamic-ports': { type: 'boolean', description: 'Start the service of recorded sets on a free port.' },
  'force-recreate': {
    type: 'boolean',
    description:
      'Make services anew: remove what earlier runs left or kept, use no server that a variable names, and start services and containers of recorded sets fresh.',
  },
  parallel: { type: 'boolean', description: 'Run several projects at once.' },
  workers: {
    type: 'integer',
    value: 'N',
    min: 1,
    max: 256,
    description: 'How many processes the runners may use in all. Default: one for each processor.',
  },
  repeat: {
    type: 'integer',
    value: 'N',
    min: 1,
    max: 1000,
    description: 'Run every test so often; one that fails once has failed. Default: 1.',
  },
  'fail-fast': {
    type: 'boolean',
    description: 'Start nothing more after the first failure, but what is mission-critical.',
  },
  'fast-fail': { type: 'boolean', description: 'The same as --fail-fast.' },
  coverage: { type: 'boolean', description: 'Measure which lines run, over all projects together.' },
  'coverage-threshold': {
    type: 'integer',
    value: 'PERCENT',
    max: 100,
    description: 'Share of lines that has to be covered; turns --coverage on.',
  },
  list: { type: 'boolean', description: 'Print what would run, and run nothing.' },
  dir: sharedOptions.dir,
  reporter: sharedOptions.reporter,
  output: sharedOptions.output,
  verbose: sharedOptions.verbose,
} as const satisfies OptionTable
