import { defineCommand } from '../cli/command.ts'

export const menuCommand = defineCommand({
  usage: '[OPTIONS]',
  description:
    'Shows what is here and offers the usual steps. Its entries can be set in keploy.yml, under menu.entries.',
  options: {},
  async run({ io, options }) {
    const { runMenu } = await import('../menu/run-menu.ts')
    return await runMenu(options.config === undefined ? {} : { config: options.config }, io)
  },
})
