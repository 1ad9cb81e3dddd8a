import { CliError } from '../cli/cli-error.ts'
import { exitCode } from '../cli/exit-code.ts'
import { runQuietly } from './run-quietly.ts'

/** The program of Compose that this machine has: the one of the command, else `docker compose`, else `docker-compose`. */
export async function composeProgram(written: readonly string[] | undefined): Promise<readonly string[]> {
  if (written !== undefined) return written
  for (const program of [['docker', 'compose'], ['docker-compose']]) {
    if ((await runQuietly([...program, 'version'])).code === 0) return program
  }
  throw new CliError('KEPLOY_CONTAINER', 'Neither docker compose nor docker-compose is installed.', {
    exitCode: exitCode.service,
    hint: 'Install Docker Compose, or start the container with docker run behind --.',
  })
}
