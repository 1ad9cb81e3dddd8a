import type { Command } from '../cli/command.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Loaded when it is called: `--version` and `--help` stay fast. */
  load(): Promise<Command>
}

export const commandTable: readonly CommandEntry[] = [
  {
    name: 'setup',
    summary: 'Detect the project, write keploy.yml, the workflow and the hook.',
    load: async () => (await import('./setup.ts')).setupCommand,
  },
  {
    name: 'record',
    summary: 'Record traffic through a tap and write a test set.',
    load: async () => (await import('./record/record-command.ts')).recordCommand,
  },
  {
    name: 'test',
    summary: 'Replay test sets against a service and compare.',
    load: async () => (await import('./test/test-command.ts')).testCommand,
  },
  {
    name: 'run',
    summary: 'Run all tests of the project as one: units, sets, everything.',
    load: async () => (await import('./run/run-command.ts')).runCommand,
  },
  {
    name: 'mock',
    summary: 'Run your own tests, dependencies answered from mocks.',
    load: async () => (await import('./mock/mock-command.ts')).mockCommand,
  },
  {
    name: 'serve',
    summary: 'Serve recorded mocks on ports of their own.',
    load: async () => (await import('./mock/serve-command.ts')).serveCommand,
  },
  {
    name: 'report',
    summary: 'Show an earlier run again, in any form.',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  {
    name: 'noise',
    summary: 'Replay twice and propose rules for what differs by itself.',
    load: async () => (await import('./noise/noise-command.ts')).noiseCommand,
  },
  {
    name: 'coverage',
    summary: 'Show which endpoints have tests.',
    load: async () => (await import('./coverage/coverage-command.ts')).coverageCommand,
  },
  {
    name: 'menu',
    summary: 'Choose from a menu, interactively.',
    load: async () => (await import('./menu.ts')).menuCommand,
  },
  {
    name: 'doctor',
    summary: 'Check what is missing here, and how to fix it.',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of keploy.yml.',
    load: async () => (await import('./schema.ts')).schemaCommand,
  },
]
