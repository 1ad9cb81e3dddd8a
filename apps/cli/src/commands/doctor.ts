import { defineCommand } from '../cli/command.ts'

export const doctorCommand = defineCommand({
  usage: '[OPTIONS]',
  description:
    'Checks what a recording or a replay needs here, and says how to fix what is missing. Ends with 0 when all is fine or there are only warnings, else with 2.',
  options: {},
  async run({ io, options }) {
    const { runDoctor } = await import('../doctor/run-doctor.ts')
    const { config, json, quiet } = options
    return await runDoctor(
      {
        ...(config === undefined ? {} : { config }),
        ...(json === undefined ? {} : { json }),
        ...(quiet === undefined ? {} : { quiet }),
      },
      io,
    )
  },
})
