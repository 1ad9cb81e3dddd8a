/** One operation of an API, and the recorded tests that call it. */
export interface Endpoint {
  readonly method: string
  /** With `{name}` for what varies. */
  readonly path: string
  readonly tests: string[]
}

/** What coverage needs of a test. */
export interface CalledRoute {
  /** `set/test`. */
  readonly test: string
  readonly method: string
  readonly path: string
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace']

/** The operations of an OpenAPI document, in its order. `basePath` is the path of its first server. */
export function endpointsOfOpenApi(document: unknown): Endpoint[] {
  const paths = asRecord(asRecord(document)?.['paths'])
  if (!paths) return []
  const prefix = basePath(document)
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => asRecord(item)?.[method] !== undefined).map((method) => ({
      method: method.toUpperCase(),
      path: prefix + path,
      tests: [],
    })),
  )
}

/** The operations that recordings show, in the order of first sight. */
export function endpointsOfCalls(calls: readonly CalledRoute[], isVariable: (segment: string) => boolean): Endpoint[] {
  const seen = new Map<string, Endpoint>()
  for (const { method, path } of calls) {
    const template = path
      .split('/')
      .map((segment) => (isVariable(segment) ? '{id}' : segment))
      .join('/')
    const key = `${method} ${template}`
    if (!seen.has(key)) seen.set(key, { method, path: template, tests: [] })
  }
  return [...seen.values()]
}

/** Gives each call to the most literal endpoint that fits it; returns the calls that fit none. */
export function assignCalls(endpoints: readonly Endpoint[], calls: readonly CalledRoute[]): CalledRoute[] {
  const unknown: CalledRoute[] = []
  for (const call of calls) {
    const fitting = endpoints
      .filter((endpoint) => endpoint.method === call.method && fits(endpoint.path, call.path))
      .sort((a, b) => variables(a.path) - variables(b.path))[0]
    if (fitting) fitting.tests.push(call.test)
    else unknown.push(call)
  }
  return unknown
}

/** The group under which an endpoint is shown: its first word that is neither `api` nor a version. */
export function groupOf(path: string): string {
  const words = path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'))
  return words.find((segment) => segment !== 'api' && !/^v\d+$/.test(segment)) ?? '/'
}

function fits(template: string, path: string): boolean {
  const wanted = template.split('/')
  const given = path.split('/')
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) => (segment.startsWith('{') ? given[index] !== '' : segment === given[index]))
  )
}

function variables(path: string): number {
  return path.split('/').filter((segment) => segment.startsWith('{')).length
}

function basePath(document: unknown): string {
  const servers = asRecord(document)?.['servers']
  const url = asRecord(Array.isArray(servers) ? servers[0] : undefined)?.['url']
  if (typeof url !== 'string') return ''
  try {
    return new URL(url, 'http://localhost').pathname.replace(/\/$/, '')
  } catch {
    return ''
  }
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
