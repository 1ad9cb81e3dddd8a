import { loadConfig } from '@keploy-framework/config'
import type { ResolvedConfig } from '@keploy-framework/config'

import { CliError } from './cli-error.ts'
import type { CliIo } from './io.ts'
import { issueLine } from './print-error.ts'

export interface ReadConfigOptions {
  /** The value of `--config`. */
  readonly file?: string | undefined
  /** What the command line sets, by path in keploy.yml; what is undefined sets nothing. */
  readonly flags?: Readonly<Record<string, unknown>>
}

/**
 * The configuration of the current folder. Warnings go to standard error; errors end the command.
 *
 * @throws {CliError} when a value can't be used
 */
export async function readConfig(io: CliIo, options: ReadConfigOptions = {}): Promise<ResolvedConfig> {
  const { config, issues } = await loadConfig({
    cwd: io.cwd,
    env: io.env,
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(options.flags === undefined ? {} : { flags: options.flags }),
  })
  for (const issue of issues) if (issue.severity === 'warning') io.stderr.write(`${issueLine(issue)}\n`)
  const errors = issues.filter((issue) => issue.severity === 'error')
  if (errors.length > 0) {
    throw new CliError(
      'KEPLOY_CONFIG_INVALID',
      errors.map((issue) => issueLine(issue).replace(/^error: /, '')).join('\n'),
      {
        hint: 'Correct the configuration and run the command again.',
      },
    )
  }
  return config
}
