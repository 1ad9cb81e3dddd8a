import { defineCommand } from '../cli/command.ts'
import { exitCode } from '../cli/exit-code.ts'

export const schemaCommand = defineCommand({
  usage: '',
  description: 'Prints the JSON Schema of keploy.yml, for editors and other tools.',
  options: {},
  examples: ['keploy-framework schema > keploy.schema.json'],
  async run({ io }) {
    const { configJsonSchema } = await import('@keploy-framework/config')
    io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
    return exitCode.ok
  },
})
