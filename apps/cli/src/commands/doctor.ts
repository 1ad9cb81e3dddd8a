import { defineCommand } from '../cli/command.ts'

export const doctorCommand = defineCommand({
  usage: '[OPTIONS]',
  description:
    'Checks what a recording or a replay needs here, and says how to fix what is missing. Ends with 0 when all is fine or there are only warnings, else with 2.',
  options: {
    fixtures: {
      type: 'boolean',
      description: 'Print every provider of every service that the fixtures know, with reasons and fixes.',
    },
    clean: { type: 'boolean', description: 'Remove what fixtures of ended runs left or kept.' },
  },
  async run({ io, options }) {
    const { runDoctor } = await import('../doctor/run-doctor.ts')
    const { clean, config, fixtures, json, quiet } = options
    return await runDoctor(
      {
        ...(config === undefined ? {} : { config }),
        ...(json === undefined ? {} : { json }),
        ...(quiet === undefined ? {} : { quiet }),
        ...(fixtures === undefined ? {} : { fixtures }),
        ...(clean === undefined ? {} : { clean }),
      },
      io,
    )
  },
})
