export type Language = 'node' | 'python' | 'go' | 'java' | 'ruby' | 'dotnet' | 'php'

/** What was found out about a project. */
export interface Detection {
  readonly language: Language
  /** For example `fastapi`; the language's own server when no framework is known. */
  readonly framework: string
  /** How the service is started. */
  readonly command: string
  readonly port: number
  /** A command that fails when code is not formatted, when the project has a formatter. */
  readonly formatCheck?: string
  /** How CI installs what the project needs. */
  readonly install: readonly string[]
  /** What led to this, as a person would say it. */
  readonly evidence: readonly string[]
}

export interface DetectOptions {
  /** Decides how a variable is written in a command. Default: this machine. */
  readonly platform?: NodeJS.Platform
}

/** The port as a command takes it: from `PORT`, so that a recorder can move the service, else the usual one. */
export function portWord(port: number, options: DetectOptions): string {
  return (options.platform ?? process.platform) === 'win32' ? String(port) : `\${PORT:-${port}}`
}
