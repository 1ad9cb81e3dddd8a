import { z } from 'zod'

import type { PolicyEngine } from './policy.ts'

/** Absent when no rule of that name is loaded. */
const answerSchema = z.object({ result: z.unknown() })

/** Asks an OPA server at a URL, by its Data API: https://www.openpolicyagent.org/docs/rest-api#data-api */
export function opaServerEngine(url: string): PolicyEngine {
  const endpoint = `${url.replace(/\/+$/, '')}/v1/data/platform/decision`
  return {
    kind: 'OPA',
    async decide(request, signal) {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: request }),
        signal,
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`OPA answered ${response.status}: ${text.slice(0, 300)}`)
      return answerSchema.parse(JSON.parse(text)).result
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
