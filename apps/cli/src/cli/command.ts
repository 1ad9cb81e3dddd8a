import type { CliIo } from './io.ts'

/** How one option is written and read. */
export interface OptionSpec {
  /** `duration`: milliseconds, from `30s`, `2m`, `500ms`; `list`: values between commas, may be repeated; `ratio`: 0 to 1. */
  readonly type: 'boolean' | 'string' | 'integer' | 'ratio' | 'duration' | 'list'
  readonly short?: string
  /** The name of the value in the help text, for example `PORT`. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly description: string
  /** On unless negated: the help shows `--no-NAME`, and the description says what that does. */
  readonly onByDefault?: boolean
}

export type OptionTable = Readonly<Record<string, OptionSpec>>

type OptionValue<S extends OptionSpec> = S['type'] extends 'boolean'
  ? boolean
  : S['type'] extends 'list'
    ? readonly string[]
    : S['type'] extends 'string'
      ? string
      : number

/** The values of a table's options: what was not given is absent. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]?: OptionValue<T[K]> }

/** Options that every command takes. */
export const commonOptions = {
  help: { type: 'boolean', short: 'h', description: 'Show this help.' },
  json: { type: 'boolean', description: 'Print errors, and where it makes sense results, as JSON.' },
  quiet: { type: 'boolean', short: 'q', description: 'Print results and errors only.' },
  config: { type: 'string', value: 'FILE', description: 'Read this file in place of keploy.yml.' },
} as const satisfies OptionTable

export interface CommandInput<T extends OptionTable = OptionTable> {
  readonly io: CliIo
  readonly options: OptionValues<T> & OptionValues<typeof commonOptions>
  readonly positionals: readonly string[]
  /** What stood after `--`; empty when there was none. */
  readonly rest: readonly string[]
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
}

export interface Command<T extends OptionTable = OptionTable> {
  readonly usage: string
  readonly description: string
  readonly options: T
  readonly examples?: readonly string[]
  /** How many words beside options it takes. Default: none. */
  readonly maxPositionals?: number
  run(input: CommandInput<T>): Promise<number>
}

/** Keeps the option types of a command that is written as a literal. */
export function defineCommand<const T extends OptionTable>(command: Command<T>): Command {
  return command
}
