import { ConfigError, loadConfig } from '@keploy-framework/config'
import type { ResolvedConfig } from '@keploy-framework/config'
import type { InputIssue } from '@keploy-framework/format'

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
 * @throws {ConfigError | CliError} when a value can't be used
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
  if (errors.length > 0) throw unusable(errors, options.file)
  return config
}

/** One problem is told under its own code; several that differ under the one of an invalid configuration. */
function unusable(errors: readonly InputIssue[], file: string | undefined): Error {
  const lines = errors.map((issue) => {
    const place = [issue.file, issue.line, issue.column].filter((part) => part !== undefined).join(':')
    return issue.code === 'KEPLOY_CONFIG_NOT_FOUND' && file !== undefined
      ? `There is no file ${file}. Correct the name after --config, or leave --config out to use keploy.yml.`
      : `${place ? `${place}: ` : ''}${issue.message}${issue.suggestion ? ` ${issue.suggestion}` : ''}`
  })
  const codes = new Set(errors.map(({ code }) => code))
  const [code] = codes
  if (code !== undefined && codes.size === 1) return new ConfigError(code, lines.join('\n'))
  return new CliError('KEPLOY_CONFIG_INVALID', lines.join('\n'), {
    hint: 'Correct these places and run the command again.',
  })
}
