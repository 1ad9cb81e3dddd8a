import { CliError } from '../../cli/cli-error.ts'
import { cleanFixtures } from '../../doctor/fixtures.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The variables that name servers which run already, such as `KEPLOY_FIXTURES_POSTGRES_URL`. */
export function givenServers(env: Environment): string[] {
  return Object.keys(env).filter((name) => /^KEPLOY_FIXTURES_[A-Z0-9_]+_URL$/.test(name) && env[name] !== '')
}

/**
 * Removes what fixtures of ended runs left, and what they kept for people to look at; says what was done.
 *
 * @throws {CliError} `KEPLOY_RUN_RECREATE` when something cannot be removed
 */
export async function removeLeftServices(env: Environment): Promise<string> {
  const { status, message, fix } = await cleanFixtures(env)
  if (status === 'fail') throw new CliError('KEPLOY_RUN_RECREATE', message, fix === undefined ? {} : { hint: fix })
  const given = givenServers(env)
  return given.length === 0 ? message : `${message} Not used, since it runs already: ${given.join(', ')}.`
}
