import { defineCommand } from '../cli/command.ts'

export const setupCommand = defineCommand({
  usage: '[OPTIONS]',
  description:
    'Looks at the project, finds its framework, start command and port, and writes keploy.yml, a GitHub workflow, a pre-commit hook and keploy/.gitignore, and has Git ignore keploy-report. A file that is there already is never replaced without showing the difference and asking.',
  options: {
    'dry-run': { type: 'boolean', description: 'Show what would be done, and write nothing.' },
    yes: { type: 'boolean', short: 'y', description: 'Do not ask before new files are written.' },
    force: { type: 'boolean', description: 'Replace files that differ, without asking.' },
    framework: { type: 'string', value: 'NAME', description: 'The framework to take when several are found.' },
    command: { type: 'string', short: 'c', value: 'COMMAND', description: 'How the service is started.' },
    port: {
      type: 'integer',
      short: 'p',
      value: 'PORT',
      min: 1,
      max: 65_535,
      description: 'Where the service listens.',
    },
  },
  examples: ['keploy-framework setup', 'keploy-framework setup --yes --command "npm start" --port 3000'],
  async run({ io, options }) {
    const { runSetup } = await import('../setup/run-setup.ts')
    const { 'dry-run': dryRun, yes, force, framework, command, port, json, quiet } = options
    const given = Object.entries({ dryRun, yes, force, framework, command, port, json, quiet })
    return await runSetup(Object.fromEntries(given.filter(([, value]) => value !== undefined)), io)
  },
})
