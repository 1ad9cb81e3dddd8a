import { parseArgs } from 'node:util'

import { runUntilSignal } from './run-until-signal.ts'
import { startServer, type ServerOptions } from './server.ts'

const HELP = `Usage: sample-service [options]

  --port PORT      where to listen (default: PORT of the environment, else 8000; 0 takes a free one)
  --host HOST      which address to listen on (default 127.0.0.1)
  --postgres URL   use this Postgres (default: POSTGRES_DSN of the environment, else an embedded one)
  --log-level L    trace, debug, info, warn, error, silent (default info); logs are JSON on standard error
  --help           show this
`

/** Runs the service until a signal ends it. Resolves with the exit code. */
export async function main(args: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const parsed = readOptions(args, env)
  if ('problem' in parsed) {
    process.stderr.write(`sample-service: ${parsed.problem}\n\n${HELP}`)
    return 2
  }
  if ('help' in parsed) {
    process.stdout.write(HELP)
    return 0
  }

  const { options } = parsed
  return await runUntilSignal(
    'sample-service',
    () => startServer(options),
    (server) => `sample-service ready on ${server.url} (${server.database})\n`,
  )
}

function readOptions(
  args: string[],
  env: NodeJS.ProcessEnv,
): { options: ServerOptions } | { help: true } | { problem: string } {
  let values
  try {
    ;({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        postgres: { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }))
  } catch (error) {
    return { problem: (error as Error).message }
  }
  if (values.help) return { help: true }

  const options: ServerOptions = {}
  const port = values.port ?? env['PORT']
  if (port !== undefined && port !== '') {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return { problem: `${port} is not a port (0 to 65535).` }
    options.port = Number(port)
  }
  if (values.host) options.host = values.host
  const postgres = values.postgres ?? env['POSTGRES_DSN']
  if (postgres) options.postgres = postgres
  if (values['log-level']) options.logLevel = values['log-level']
  return { options }
}
