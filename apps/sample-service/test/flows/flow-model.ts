import { appendFileSync } from 'node:fs'

import {
  costDefaults,
  createLlmProxy,
  monthlyAlert,
  MockOpenAIBuilder,
  requireOpenAiKey,
  type LlmServer,
} from '@keploy-framework/llm'

import { spentThisMonth } from './month-ledger.ts'

/** What answers in the flows: a real model, or a server that plays one. */
export interface FlowModel extends AsyncDisposable {
  /** Stands before the name of each test, so that every report says what was asked. */
  readonly label: string
  readonly real: boolean
  /** Takes scripts, which only the played model follows, and keeps the requests. */
  readonly server: LlmServer
  /** What the service under test needs. */
  readonly env: Record<string, string>
}

/**
 * With `ENABLE_REAL_API_TESTS` and `OPENAI_API_KEY` the real API, behind a proxy that keeps to `REAL_AI_BUDGET_USD` (default
 * 1); else a server that plays it. Costs are printed at the end, in the summary of a job as well.
 */
export async function openFlowModel(environment: NodeJS.ProcessEnv = process.env): Promise<FlowModel> {
  const key = await requireOpenAiKey(environment)
  const model = environment['OPENAI_MODEL'] ?? 'gpt-4o-mini'
  const server = key.available
    ? await createLlmProxy({
        mode: 'live',
        upstream: key.baseUrl,
        apiKey: key.key,
        budgetUsd: Number(environment['REAL_AI_BUDGET_USD'] ?? 1),
        onReport: () => undefined,
      })
    : await new MockOpenAIBuilder().start()
  return {
    label: key.available ? `real, ${model}` : 'simulated',
    real: key.available,
    server,
    // Messages are judged by a cheap model.
    env: { OPENAI_BASE_URL: server.baseUrl, OPENAI_MODEL: model, OPENAI_SAFETY_MODEL: costDefaults.cheapModel },
    async [Symbol.asyncDispose]() {
      const { usd, spentUsd } = server.cost
      const who = key.available
        ? `asked ${model}`
        : `simulated, because ${key.reason}; a real model would have cost ${usd} USD`
      tell(environment, `\nFlows of the platform: ${who}\n\n${server.costReport()}`)
      if (key.available)
        tell(environment, monthlyAlert(spentThisMonth(environment['REAL_AI_LEDGER'], spentUsd)).message)
      await server.close()
    },
  }
}

function tell(environment: NodeJS.ProcessEnv, text: string): void {
  process.stderr.write(`${text}\n`)
  if (environment['GITHUB_STEP_SUMMARY']) appendFileSync(environment['GITHUB_STEP_SUMMARY'], `${text}\n`)
}
