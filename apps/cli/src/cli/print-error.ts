import type { InputIssue } from '@keploy-framework/format'

import { CliError } from './cli-error.ts'
import { exitCode } from './exit-code.ts'
import type { CliIo } from './io.ts'
import { printable, printableLine } from './printable.ts'

/** Codes of other packages whose errors mean that the service, not the usage, is at fault. */
const SERVICE_CODES = /^KEPLOY_(SERVICE|TAP|RELAY|PROXY|UPSTREAM|PORT|COMMAND_NOT_FOUND)/

/** Says what went wrong, to a person or as JSON, and returns the exit code for it. */
export function printError(error: unknown, io: CliIo, json: boolean): number {
  const { code, message, hint, exit } = describe(error)
  if (json) {
    io.stderr.write(`${JSON.stringify({ error: { code, message, ...(hint ? { hint } : {}), exitCode: exit } })}\n`)
  } else {
    io.stderr.write(`error: ${printable(message)}${code ? ` [${code}]` : ''}\n`)
    if (hint) io.stderr.write(`  ${printable(hint)}\n`)
    if (!code && io.env['DEBUG'] && error instanceof Error) io.stderr.write(`${error.stack}\n`)
  }
  return exit
}

function describe(error: unknown): { code?: string; message: string; hint?: string; exit: number } {
  if (error instanceof CliError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint ? { hint: error.hint } : {}),
      exit: error.exitCode,
    }
  }
  if (!(error instanceof Error)) return { message: String(error), exit: exitCode.usage }
  const code =
    'code' in error && typeof error.code === 'string' && error.code.startsWith('KEPLOY_') ? error.code : undefined
  return { ...(code ? { code } : {}), message: error.message, exit: exitOf(code) }
}

function exitOf(code: string | undefined): number {
  if (code === 'KEPLOY_FORMAT_NOT_FOUND') return exitCode.nothingToRun
  return code && SERVICE_CODES.test(code) ? exitCode.service : exitCode.usage
}

/** One line for a problem in a file: where, what and what to do. */
export function issueLine(issue: InputIssue): string {
  const place = [issue.file, issue.line, issue.column].filter((part) => part !== undefined).join(':')
  const hint = issue.suggestion ? ` ${issue.suggestion}` : ''
  return printableLine(`${issue.severity}: ${place ? `${place}: ` : ''}${issue.message}${hint} [${issue.code}]`)
}
