import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import type { PolicyEngine } from './policy.ts'

/**
 * The folder of the policies. This file runs from `src` and, bundled, from `dist`: the package itself is the same place
 * from both.
 */
export const POLICIES = join(
  dirname(createRequire(import.meta.url).resolve('@keploy-framework/sample-service/package.json')),
  'policies',
)

/** Evaluates the rules in this process: `policies/build.sh` compiled them to WebAssembly. */
export async function openEmbeddedEngine(folder: string = POLICIES): Promise<PolicyEngine> {
  const [wasm, data, { loadPolicy }] = await Promise.all([
    readFile(join(folder, 'platform.wasm')),
    readFile(join(folder, 'data.json'), 'utf8'),
    import('@open-policy-agent/opa-wasm'),
  ])
  const policy = await loadPolicy(wasm)
  policy.setData(JSON.parse(data) as object)
  return {
    kind: 'embedded OPA',
    async decide(request) {
      // A set of results with one entry; an empty one means that the rule has no value.
      const results = policy.evaluate(request) as { result: unknown }[]
      if (results.length !== 1) throw new Error(`The policy has ${results.length} results.`)
      return results[0]!.result
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
