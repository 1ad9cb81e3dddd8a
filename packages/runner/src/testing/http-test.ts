import type { BodyValue, HeaderList, TestCase, TestSet } from '@keploy-framework/format'

export interface HttpTestOptions {
  readonly method?: string
  readonly url?: string
  readonly headers?: HeaderList
  readonly body?: string
  readonly status?: number
  readonly reason?: string
  readonly responseHeaders?: HeaderList
  readonly responseBody?: string | BodyValue
  readonly at?: number
  readonly request?: Partial<TestCase['request']>
  readonly annotations?: Partial<TestCase['annotations']>
  readonly stream?: TestCase['stream']
  readonly noise?: TestCase['assertions']['noise']
}

/** A recorded test for tests: a GET of `/` that answered 200 with text, unless told otherwise. */
export function httpTest(name: string, options: HttpTestOptions = {}): TestCase {
  const at = options.at ?? 0
  const { responseBody = 'ok' } = options
  return {
    name,
    kind: 'Http',
    file: `tests/${name}.yaml`,
    created: 0,
    request: {
      method: options.method ?? 'GET',
      url: options.url ?? 'http://localhost:8080/',
      protoMajor: 1,
      protoMinor: 1,
      headers: options.headers ?? [['Host', 'localhost:8080']],
      body: options.body === undefined ? { type: 'empty' } : { type: 'text', text: options.body },
      timestamp: at,
      ...options.request,
    },
    response: {
      status: options.status ?? 200,
      statusMessage: options.reason ?? '',
      headers: options.responseHeaders ?? [],
      body: typeof responseBody === 'string' ? { type: 'text', text: responseBody } : responseBody,
      timestamp: at,
    },
    assertions: { noise: options.noise ?? new Map() },
    annotations: { tags: [], skip: false, only: false, ...options.annotations },
    ...(options.stream === undefined ? {} : { stream: options.stream }),
  }
}

/** A set of such tests in memory. */
export function testSet(tests: readonly TestCase[], options: Partial<TestSet> = {}): TestSet {
  return {
    name: 'test-set-0',
    directory: '/nowhere/test-set-0',
    tests,
    secrets: [],
    scripts: {},
    templates: {},
    ...options,
  }
}
