import type { HeaderList, TestAssertions, TestCase, TestStream } from '@keploy-framework/format'

export interface Sketch {
  readonly name: string
  readonly method?: string
  readonly url?: string
  readonly headers?: HeaderList
  readonly body?: string
  /** Milliseconds since the epoch. */
  readonly at?: number
  readonly status?: number
  readonly responseHeaders?: HeaderList
  readonly responseBody?: unknown
  readonly assertions?: Partial<TestAssertions>
  readonly stream?: TestStream
}

const JSON_TYPE = ['Content-Type', 'application/json'] as const

/** A test from the few things that matter to it; a structured `responseBody` is written as JSON. */
export function makeTest(sketch: Sketch): TestCase {
  const { name, method = 'GET', url = `http://localhost:8000/${name}`, body, responseBody } = sketch
  const text = typeof responseBody === 'string' ? responseBody : JSON.stringify(responseBody)
  return {
    name,
    kind: 'Http',
    file: `tests/${name}.yaml`,
    request: {
      method,
      url,
      protoMajor: 1,
      protoMinor: 1,
      headers: sketch.headers ?? (body === undefined ? [] : [JSON_TYPE]),
      body: body === undefined ? { type: 'empty' } : { type: 'text', text: body },
      timestamp: sketch.at ?? 0,
    },
    response: {
      status: sketch.status ?? 200,
      statusMessage: 'OK',
      headers: sketch.responseHeaders ?? (responseBody === undefined ? [] : [JSON_TYPE]),
      body: responseBody === undefined ? { type: 'empty' } : { type: 'text', text },
      timestamp: sketch.at ?? 0,
    },
    assertions: { noise: new Map(), ...sketch.assertions },
    annotations: { tags: [], skip: false, only: false },
    ...(sketch.stream === undefined ? {} : { stream: sketch.stream }),
    created: 0,
  }
}
