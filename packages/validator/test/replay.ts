import type { TestCase } from '@keploy-framework/format'
import { BindingTable, createNoise, planBindings } from '@keploy-framework/match'

import { compareResponse } from '../src/compare-response.ts'
import type { CompareOptions, Comparison } from '../src/compare-response.ts'

/** The bytes of a test's response, as a live answer. */
export function answerOf(test: TestCase): {
  status: number
  statusMessage: string
  headers: TestCase['response']['headers']
  body: Uint8Array
} {
  const { status, statusMessage, headers, body } = test.response
  return { status, statusMessage, headers, body: Buffer.from(body.type === 'text' ? body.text : '') }
}

/** Compares each recorded test with its live counterpart, in order, on one table. */
export function replay(
  recorded: readonly TestCase[],
  live: readonly TestCase[],
  hosts = { recorded: ['localhost:8000'], live: '127.0.0.1:9001' },
  options: CompareOptions = {},
): { comparisons: Comparison[]; requests: TestCase['request'][] } {
  const bindings = new BindingTable(planBindings(recorded))
  const comparisons: Comparison[] = []
  const requests: TestCase['request'][] = []
  for (const [index, test] of recorded.entries()) {
    const attempt = bindings.beginTest(test.name)
    requests.push(bindings.substituteRequest(test.request).request)
    const noise = createNoise({ test: test.assertions.noise })
    comparisons.push(compareResponse(test, answerOf(live[index] as TestCase), { noise, bindings, hosts, options }))
    attempt.commit()
  }
  return { comparisons, requests }
}
