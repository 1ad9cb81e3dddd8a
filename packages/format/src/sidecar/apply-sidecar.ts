import { repeatedHeaders, restoreHeaders } from '../test-case/headers.ts'
import type { TestCase } from '../vocabulary/test-case.ts'
import type { SidecarTest } from './sidecar.ts'

/** A test with what its sidecar knows of it. Where the file was edited meanwhile, the file wins. */
export function applySidecar(test: TestCase, entry: SidecarTest | undefined): TestCase {
  if (entry === undefined) return test
  const { request, response, annotations } = test
  const description = entry.description ?? annotations.description
  return {
    ...test,
    request: {
      ...request,
      headers:
        entry.requestHeaders === undefined ? request.headers : restoreHeaders(request.headers, entry.requestHeaders),
      ...(entry.requestOmitted !== undefined && request.body.type === 'empty'
        ? { body: { type: 'omitted', ...entry.requestOmitted } }
        : {}),
      ...(entry.requestEncoding === undefined ? {} : { encoding: entry.requestEncoding }),
      ...(entry.requestWire === undefined ? {} : { wireBody: entry.requestWire }),
    },
    response: {
      ...response,
      headers:
        entry.responseHeaders === undefined
          ? response.headers
          : restoreHeaders(response.headers, entry.responseHeaders),
      ...(entry.responseOmitted !== undefined && response.body.type === 'omitted'
        ? { body: { ...response.body, ...entry.responseOmitted } }
        : {}),
    },
    annotations: {
      ...(entry.suite === undefined ? {} : { suite: entry.suite }),
      ...(description === undefined ? {} : { description }),
      tags: entry.tags ?? annotations.tags,
      skip: entry.skip ?? annotations.skip,
      only: entry.only ?? annotations.only,
      ...(entry.withinMs === undefined ? {} : { withinMs: entry.withinMs }),
    },
    ...(entry.durationMs === undefined ? {} : { durationMs: entry.durationMs }),
  }
}

/** What has to stand in the sidecar of a test, because its own file has no place for it. */
export function sidecarEntry(test: TestCase, streamFile: string | undefined): SidecarTest {
  const { request, response, annotations } = test
  const requestHeaders = repeatedHeaders(request.headers)
  const responseHeaders = repeatedHeaders(response.headers)
  return {
    ...(test.durationMs === undefined ? {} : { durationMs: test.durationMs }),
    ...(annotations.suite === undefined ? {} : { suite: annotations.suite }),
    ...(annotations.tags.length === 0 ? {} : { tags: annotations.tags }),
    ...(annotations.skip ? { skip: true } : {}),
    ...(annotations.only ? { only: true } : {}),
    ...(annotations.withinMs === undefined ? {} : { withinMs: annotations.withinMs }),
    ...(requestHeaders === undefined ? {} : { requestHeaders }),
    ...(responseHeaders === undefined ? {} : { responseHeaders }),
    ...(request.encoding === undefined ? {} : { requestEncoding: request.encoding }),
    ...(request.wireBody === undefined ? {} : { requestWire: request.wireBody }),
    ...(request.body.type === 'omitted' ? { requestOmitted: omitted(request.body) } : {}),
    ...(response.body.type === 'omitted' && response.body.sha256 !== undefined
      ? { responseOmitted: omitted(response.body) }
      : {}),
    ...(streamFile === undefined ? {} : { stream: streamFile }),
    other: new Map(),
  }
}

function omitted(body: { readonly size: number; readonly sha256?: string }): { size: number; sha256?: string } {
  return { size: body.size, ...(body.sha256 === undefined ? {} : { sha256: body.sha256 }) }
}
