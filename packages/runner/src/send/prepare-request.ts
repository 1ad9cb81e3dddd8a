import { readFile } from 'node:fs/promises'

import { headerValue, resolveInside, type BodyValue, type TestRequest } from '@keploy-framework/format'
import { encodeContent, encodeEvent } from '@keploy-framework/wire'

import { outgoingHeaders } from './headers.ts'
import { buildMultipart } from './multipart.ts'
import type { OutgoingRequest } from './outgoing.ts'
import { requestPath, type Target } from './target.ts'

export interface PrepareOptions {
  readonly target: Target
  /** Authorities that stand in recordings for the live one. */
  readonly recordedHosts: readonly string[]
  /** The set's folder; bodies that lie in files are read from it. */
  readonly directory: string
  /** The request before live values were put in. */
  readonly recorded: TestRequest
}

/**
 * Makes the request that goes on the wire: the recorded one with the live address, its body encoded as it was
 * received. Asynchronous only when a body lies in a file.
 *
 * @throws when a body can't be built; the error's message says why
 */
export function prepareRequest(
  request: TestRequest,
  options: PrepareOptions,
): OutgoingRequest | Promise<OutgoingRequest> {
  const headers = outgoingHeaders(request.headers, options.target.authority, options.recordedHosts)
  const base = { method: request.method, path: options.target.basePath + requestPath(request.url), headers }
  if (request.bodyRef !== undefined) return withFile(base, request.bodyRef.path, options.directory, request.encoding)
  if (request.wireBody !== undefined && sameBody(request.body, options.recorded.body)) {
    return withFile(base, request.wireBody.path, options.directory)
  }
  if (isUnbuiltForm(request)) return withForm(base, request, options.directory)
  return { ...base, body: encoded(bodyBytes(request.body), request.encoding) }
}

type Base = Omit<OutgoingRequest, 'body'>

function isUnbuiltForm(request: TestRequest): boolean {
  return request.form !== undefined && request.form.length > 0 && request.body.type === 'empty'
}

async function withFile(base: Base, path: string, directory: string, encoding?: string): Promise<OutgoingRequest> {
  return { ...base, body: encoded(await readFile(await resolveInside(directory, path)), encoding) }
}

/** Original bytes may only stand in for a body into which no live value was put. */
function sameBody(body: BodyValue, recorded: BodyValue): boolean {
  if (body === recorded) return true
  return body.type === 'text' && recorded.type === 'text' && body.text === recorded.text
}

async function withForm(base: Base, request: TestRequest, directory: string): Promise<OutgoingRequest> {
  const type = headerValue(request.headers, 'content-type') ?? 'multipart/form-data'
  const recorded = /;\s*boundary="?([^";]+)"?/i.exec(type)?.[1]
  const { body, boundary } = await buildMultipart(request.form ?? [], directory, recorded)
  if (recorded !== undefined) return { ...base, body }
  const headers = [...base.headers]
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'content-type')
  const value = `${type}; boundary=${boundary}`
  if (at === -1) headers.push('Content-Type', value)
  else headers[at + 1] = value
  return { ...base, headers, body }
}

function bodyBytes(body: BodyValue): Uint8Array | undefined {
  switch (body.type) {
    case 'empty':
      return undefined
    case 'text':
      return Buffer.from(body.text)
    case 'binary':
      return body.bytes
    case 'omitted':
      throw new Error(`its body of ${body.size} bytes was not recorded, so it can't be sent again`)
    case 'stream':
      return Buffer.concat(
        body.items.map(({ data }) => {
          if (data.type === 'sse') return Buffer.from(encodeEvent(data))
          if (data.type === 'ndjson') return Buffer.from(`${data.line}\n`)
          if (data.type === 'text') return Buffer.from(data.text)
          return data.type === 'binary' ? Buffer.from(data.bytes) : Buffer.alloc(0)
        }),
      )
    default:
      return body satisfies never
  }
}

function encoded(bytes: Uint8Array | undefined, encoding: string | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length === 0 || encoding === undefined) return bytes
  return encodeContent(bytes, encoding)
}
