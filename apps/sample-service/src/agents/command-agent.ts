import { tmpdir } from 'node:os'

import { z } from 'zod'

import { AgentFailure, AgentRefusal, type Agent, type AgentAnswer, type AgentName } from './agent.ts'
import type { CommandConfig } from './agents-config.ts'
import { runCommand } from './run-command.ts'
import { costOf, estimateUsage } from './usage.ts'

/** What every program needs to be found and to find its files. Keys of the platform are not among it. */
const ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']

/** What command-line agents print with `--output-format json`; other fields are not looked at. */
const outputSchema = z.object({
  result: z.string(),
  is_error: z.boolean().optional(),
  model: z.string().optional(),
  total_cost_usd: z.number().nonnegative().optional(),
  usage: z
    .object({ input_tokens: z.number().int().nonnegative(), output_tokens: z.number().int().nonnegative() })
    .optional(),
})

/** An agent that is a program: the prompt goes to its standard input, its standard output is the answer. */
export function commandAgent(name: AgentName, config: CommandConfig, env: NodeJS.ProcessEnv): Agent {
  const { command, cwd = tmpdir(), max_output_bytes: maxOutputBytes } = config
  const program = command[0]
  const childEnv = Object.fromEntries([...ENVIRONMENT, ...config.environment].map((key) => [key, env[key]]))
  return {
    name,
    description: `the program ${program}`,
    simulated: false,
    async answer(prompt, signal) {
      const output = await runCommand({ command, input: prompt, env: childEnv, cwd, maxOutputBytes, signal })
      const answer = config.output === 'json' ? readJson(output, prompt) : readText(output, prompt)
      return { ...answer, cost_usd: answer.cost_usd ?? costOf(answer.tokens, config.price) }
    },
  }

  function readText(output: string, prompt: string): AgentAnswer {
    const text = output.trim()
    if (text === '') throw new AgentFailure(`${program} printed nothing.`)
    return { text, model: program, tokens: estimateUsage(prompt, text), cost_usd: null, simulated: false }
  }

  function readJson(output: string, prompt: string): AgentAnswer {
    const { result, is_error, model = program, usage, total_cost_usd = null } = parse(output)
    if (is_error) throw new AgentRefusal(`${program} declined: ${result.slice(0, 300)}`)
    if (result.trim() === '') throw new AgentFailure(`${program} answered with an empty text.`)
    const tokens = usage
      ? { input: usage.input_tokens, output: usage.output_tokens, estimated: false }
      : estimateUsage(prompt, result)
    return { text: result, model, tokens, cost_usd: total_cost_usd, simulated: false }
  }

  function parse(output: string): z.output<typeof outputSchema> {
    try {
      return outputSchema.parse(JSON.parse(output))
    } catch (error) {
      throw new AgentFailure(`${program} did not print the JSON that was expected.`, { cause: error })
    }
  }
}
