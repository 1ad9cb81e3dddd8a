import { afterAll, beforeAll, expect, test } from 'vitest'

import { openEmbeddedEngine } from '../policy/embedded-engine.ts'
import type { PolicyEngine } from '../policy/policy.ts'
import { personas } from './personas.ts'

let engine: PolicyEngine
beforeAll(async () => {
  engine = await openEmbeddedEngine()
}, 60_000)
afterAll(() => engine[Symbol.asyncDispose]())

// A persona and the policy each have a list of its tools. One that only one of them has would never run.
test.each([...personas.values()])('the policy lets $id run its tools', async ({ id: persona, tools }) => {
  for (const resource of tools === 'all' ? ['search_clients', 'delete_document'] : tools) {
    const context = { role: 'practitioner' }
    const request = { tenant: 'clinic', persona, action: 'tool.run', resource, context }
    await expect(engine.decide(request, AbortSignal.timeout(30_000))).resolves.toMatchObject({ allow: true })
  }
})
