import { requireOpenAiKey } from '@keploy-framework/llm'

import { CliError } from '../../cli/cli-error.ts'
import type { RunOptionValues } from './plan-suite.ts'
import { givenServers } from './recreate-services.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The variables that runners get.
 *
 * @throws {CliError} `KEPLOY_RUN_REAL_LLM` when the real API can't be used
 */
export async function runEnvironment(
  env: Environment,
  options: Pick<RunOptionValues, 'real-services' | 'real-llm' | 'force-recreate'>,
): Promise<Environment> {
  const result: Record<string, string | undefined> = { ...env }
  if (options['real-services']) result['KEPLOY_REQUIRE_SERVICES'] = 'all'
  // A server that runs already cannot be made anew, so that it is not used.
  if (options['force-recreate']) for (const name of givenServers(env)) delete result[name]
  if (options['real-llm']) {
    result['ENABLE_REAL_API_TESTS'] = 'true'
    const key = await requireOpenAiKey(result)
    if (!key.available) {
      throw new CliError('KEPLOY_RUN_REAL_LLM', `--real-llm cannot be used: ${key.reason}.`, {
        hint: 'Correct OPENAI_API_KEY, or leave --real-llm out.',
      })
    }
  }
  return result
}
