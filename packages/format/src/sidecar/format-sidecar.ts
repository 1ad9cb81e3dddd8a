import { generatedBy } from '../defaults.ts'
import type { SecretRecord } from '../vocabulary/test-case.ts'
import { emitYaml } from '../yaml/emit.ts'
import { type Sidecar, type SidecarTest, sidecarKind, sidecarVersion } from './sidecar.ts'

/** Writes a sidecar as text. */
export function formatSidecar(sidecar: Sidecar): string {
  const tests = [...sidecar.tests]
    .map(([name, test]) => [name, encodeSidecarTest(test)] as const)
    .filter(([, entry]) => Object.keys(entry).length > 0)
  return `${generatedBy}\n${emitYaml({
    version: sidecarVersion,
    kind: sidecarKind,
    tests: Object.fromEntries(tests),
    ...(sidecar.secrets.length === 0 ? {} : { secrets: sidecar.secrets.map(encodeSecret) }),
    ...Object.fromEntries(sidecar.other),
  })}`
}

/** What stands under a test's name. */
export function encodeSidecarTest(test: SidecarTest): Record<string, unknown> {
  const headers = compact({ request: test.requestHeaders, response: test.responseHeaders })
  const requestBody = compact({
    encoding: test.requestEncoding,
    wire: test.requestWire && compact(test.requestWire),
    omitted: test.requestOmitted && compact(test.requestOmitted),
  })
  const responseBody = compact({ omitted: test.responseOmitted && compact(test.responseOmitted) })
  return compact({
    suite: test.suite,
    description: test.description,
    tags: test.tags?.length ? test.tags : undefined,
    skip: test.skip || undefined,
    only: test.only || undefined,
    withinMs: test.withinMs,
    durationMs: test.durationMs,
    headers: nonEmpty(headers),
    requestBody: nonEmpty(requestBody),
    responseBody: nonEmpty(responseBody),
    stream: test.stream,
    ...Object.fromEntries(test.other),
  })
}

function encodeSecret(secret: SecretRecord): Record<string, unknown> {
  return compact({ number: secret.number, kind: secret.kind, firstSeen: secret.firstSeen, jwt: secret.jwt })
}

function nonEmpty(value: Record<string, unknown>): Record<string, unknown> | undefined {
  return Object.keys(value).length === 0 ? undefined : value
}

function compact(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
}
