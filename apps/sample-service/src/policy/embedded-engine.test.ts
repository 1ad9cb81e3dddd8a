import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { policyContract } from '../../test/contracts/policy.ts'
import { openEmbeddedEngine, POLICIES } from './embedded-engine.ts'
import type { PolicyEngine } from './policy.ts'

let engine: PolicyEngine
beforeAll(async () => {
  engine = await openEmbeddedEngine()
})

policyContract('embedded', () => engine)

test('the compiled rules were made of the rules that stand beside them', async () => {
  const rules = await readFile(join(POLICIES, 'platform.rego'))
  const source = await readFile(join(POLICIES, 'platform.wasm.source'), 'utf8')
  expect(source.trim(), 'run policies/build.sh').toBe(createHash('sha256').update(rules).digest('hex'))
})

test('a suspended tenant is denied, whatever else is allowed; several reasons are all named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'policies-'))
  await cp(POLICIES, folder, { recursive: true })
  await writeFile(join(folder, 'data.json'), JSON.stringify({ suspended_tenants: ['late'] }))
  const strict = await openEmbeddedEngine(folder)
  const context = { role: 'client', resource_tenant: 'rival' }
  const asked = { tenant: 'late', persona: null, action: 'conversation.write', resource: 'conversation', context }
  await expect(strict.decide(asked, AbortSignal.timeout(30_000))).resolves.toEqual({
    allow: false,
    reason: 'the resource belongs to another tenant; the tenant is suspended',
  })
  await rm(folder, { recursive: true })
})
