import { generatedBy, writtenVersion } from '../defaults.ts'
import type { TestCase } from '../vocabulary/test-case.ts'
import { emitYaml, RawText } from '../yaml/emit.ts'
import { encodeAssertions } from './assertions.ts'
import { encodeBody } from './body.ts'
import { joinHeaders } from './headers.ts'
import { formatTimestamp } from './timestamp.ts'

export interface FormatTestCaseOptions {
  /** A `curl` command for people, written at the end of the file. */
  readonly curl?: string
}

/**
 * Writes a test as a v1beta1 document in the shape of Keploy 3. What Keploy has no place for is not in it; see
 * `writeTestSet`, which writes it beside.
 *
 * @example
 * const text = formatTestCase(test, { curl: 'curl http://localhost:8000/health' })
 */
export function formatTestCase(test: TestCase, options: FormatTestCaseOptions = {}): string {
  const document = {
    version: writtenVersion,
    kind: test.kind,
    name: test.name,
    spec: test.kind === 'Http' ? httpSpec(test) : grpcSpec(test),
    ...(options.curl === undefined ? {} : { curl: options.curl }),
  }
  return `${generatedBy}\n${emitYaml(document)}`
}

function metadata(test: TestCase): Record<string, string> {
  const { description } = test.annotations
  return description === undefined ? {} : { description }
}

function httpSpec(test: TestCase): Record<string, unknown> {
  const { request, response } = test
  return {
    metadata: metadata(test),
    req: {
      method: request.method,
      proto_major: request.protoMajor,
      proto_minor: request.protoMinor,
      url: request.url,
      ...urlParams(request.url),
      header: joinHeaders(request.headers),
      body: request.bodyRef === undefined ? encodeBody(request.body) : '',
      ...(request.bodyRef === undefined
        ? {}
        : { body_ref: { path: request.bodyRef.path, size: request.bodyRef.size } }),
      ...(request.form === undefined ? {} : { form: request.form.map(formPart) }),
      timestamp: new RawText(formatTimestamp(request.timestamp)),
    },
    resp: {
      status_code: response.status,
      header: joinHeaders(response.headers),
      body: encodeBody(response.body),
      ...(response.body.type === 'omitted' ? { body_skipped: true, body_size: response.body.size } : {}),
      status_message: response.statusMessage,
      proto_major: 0,
      proto_minor: 0,
      timestamp: new RawText(formatTimestamp(response.timestamp)),
    },
    objects: [],
    assertions: encodeAssertions(test.assertions),
    created: test.created,
    ...(test.appPort === undefined ? {} : { app_port: test.appPort }),
  }
}

function formPart(part: { key: string; values: readonly string[]; paths: readonly string[] }): Record<string, unknown> {
  return {
    key: part.key,
    ...(part.values.length === 0 ? {} : { values: part.values }),
    ...(part.paths.length === 0 ? {} : { paths: part.paths }),
  }
}

/** Query parameters as Keploy repeats them: sorted, values of one name joined by a comma. */
function urlParams(url: string): { url_params?: Record<string, string> } {
  const query = /^[^?#]*\?([^#]*)/.exec(url)?.[1]
  if (query === undefined || query === '') return {}
  const params = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const before = params.get(name)
    params.set(name, before === undefined ? value : `${before},${value}`)
  }
  if (params.size === 0) return {}
  return { url_params: Object.fromEntries([...params].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) }
}

function grpcSpec(test: TestCase): Record<string, unknown> {
  const { request, response } = test
  const url = /^([a-z]+):\/\/([^/]*)(.*)$/.exec(request.url)
  const trailerNames = /^grpc-/
  const ordinary = response.headers.filter(([name]) => !trailerNames.test(name.toLowerCase()))
  const trailers = response.headers.filter(([name]) => trailerNames.test(name.toLowerCase()))
  const body = (value: unknown): Record<string, unknown> => ({
    compression_flag: 0,
    message_length: Buffer.byteLength(typeof value === 'string' ? value : ''),
    decoded_data: value,
  })
  return {
    metadata: metadata(test),
    grpcReq: {
      headers: {
        pseudo_headers: {
          ':authority': url?.[2] ?? '',
          ':method': request.method,
          ':path': url?.[3] ?? request.url,
          ':scheme': url?.[1] ?? 'http',
        },
        ordinary_headers: joinHeaders(request.headers),
      },
      body: body(encodeBody(request.body)),
      timestamp: new RawText(formatTimestamp(request.timestamp)),
    },
    grpcResp: {
      headers: { pseudo_headers: { ':status': String(response.status) }, ordinary_headers: joinHeaders(ordinary) },
      body: body(encodeBody(response.body)),
      trailers: { pseudo_headers: {}, ordinary_headers: joinHeaders(trailers) },
      timestamp: new RawText(formatTimestamp(response.timestamp)),
    },
    created: test.created,
    assertions: encodeAssertions(test.assertions),
    ...(test.appPort === undefined ? {} : { app_port: test.appPort }),
  }
}
