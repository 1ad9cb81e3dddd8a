import type { ResolvedConfig } from '@keploy-framework/config'

import { CliError } from './cli-error.ts'

/**
 * The command that starts the service: what stands behind `--`, else `-c`, else the configuration's. A list is run as it
 * is, a text by the shell.
 */
export function serviceCommand(
  rest: readonly string[],
  option: string | undefined,
  config: Pick<ResolvedConfig, 'command'>,
): string | readonly string[] | undefined {
  if (rest.length > 0 && option !== undefined) {
    throw new CliError('KEPLOY_USAGE', 'Both --command and a command behind -- are given.', {
      hint: 'Keep one of them.',
    })
  }
  if (rest.length > 0) return rest
  return (option ?? config.command) || undefined
}
