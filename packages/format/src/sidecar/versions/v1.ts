import type { SecretRecord } from '../../vocabulary/test-case.ts'
import { isRecord, own, scalarNumber, scalarText } from '../../yaml/values.ts'
import type { OmittedBody, Sidecar, SidecarTest } from '../sidecar.ts'

const topKeys = new Set(['version', 'kind', 'tests', 'secrets'])
const testKeys = new Set([
  'durationMs',
  'suite',
  'description',
  'tags',
  'skip',
  'only',
  'withinMs',
  'headers',
  'requestBody',
  'responseBody',
  'stream',
])

/** Reads a sidecar of version 1. */
export function decodeSidecarV1(model: unknown): Sidecar {
  const tests = own(model, 'tests')
  const secrets = own(model, 'secrets')
  return {
    tests: new Map(isRecord(tests) ? Object.keys(tests).map((name) => [name, decodeTest(own(tests, name))]) : []),
    secrets: Array.isArray(secrets) ? secrets.flatMap(decodeSecret) : [],
    other: otherKeys(model, topKeys),
  }
}

function otherKeys(model: unknown, known: ReadonlySet<string>): Map<string, unknown> {
  if (!isRecord(model)) return new Map()
  return new Map(
    Object.keys(model)
      .filter((key) => !known.has(key))
      .map((key) => [key, own(model, key)]),
  )
}

function decodeTest(model: unknown): SidecarTest {
  const text = (key: string): string | undefined => scalarText(own(model, key) ?? undefined)
  const headers = own(model, 'headers')
  const body = own(model, 'requestBody')
  const wire = own(body, 'wire')
  const tags = own(model, 'tags')
  const wirePath = scalarText(own(wire, 'path'))
  return defined({
    durationMs: scalarNumber(own(model, 'durationMs')),
    suite: text('suite'),
    description: text('description'),
    tags: Array.isArray(tags) ? tags.flatMap((tag) => scalarText(tag) ?? []) : undefined,
    skip: own(model, 'skip') === true ? true : undefined,
    only: own(model, 'only') === true ? true : undefined,
    withinMs: scalarNumber(own(model, 'withinMs')),
    requestHeaders: decodeHeaderLists(own(headers, 'request')),
    responseHeaders: decodeHeaderLists(own(headers, 'response')),
    requestEncoding: scalarText(own(body, 'encoding')),
    requestWire:
      wirePath === undefined
        ? undefined
        : defined({
            path: wirePath,
            size: scalarNumber(own(wire, 'size')) ?? 0,
            sha256: scalarText(own(wire, 'sha256')),
          }),
    requestOmitted: decodeOmitted(own(body, 'omitted')),
    responseOmitted: decodeOmitted(own(own(model, 'responseBody'), 'omitted')),
    stream: text('stream'),
    other: otherKeys(model, testKeys),
  })
}

function decodeOmitted(model: unknown): OmittedBody | undefined {
  if (!isRecord(model)) return undefined
  return defined({ size: scalarNumber(own(model, 'size')) ?? 0, sha256: scalarText(own(model, 'sha256')) })
}

function decodeHeaderLists(model: unknown): Record<string, string[]> | undefined {
  if (!isRecord(model)) return undefined
  return Object.fromEntries(
    Object.keys(model).map((name) => {
      const values = own(model, name)
      return [name, (Array.isArray(values) ? values : [values]).map((value) => scalarText(value) ?? '')]
    }),
  )
}

function decodeSecret(model: unknown): SecretRecord[] {
  const number = scalarNumber(own(model, 'number'))
  if (number === undefined) return []
  const jwt = own(model, 'jwt')
  const part = (key: string): Record<string, unknown> => {
    const value = own(jwt, key)
    return isRecord(value) ? value : {}
  }
  return [
    {
      number,
      kind: scalarText(own(model, 'kind')) ?? '',
      firstSeen: scalarText(own(model, 'firstSeen')) ?? '',
      ...(isRecord(jwt) ? { jwt: { header: part('header'), claims: part('claims') } } : {}),
    },
  ]
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** An object without its undefined properties. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>
}
