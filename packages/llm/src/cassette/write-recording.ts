import type { HeaderPair } from '@keploy-framework/format'
import type { HeaderLine } from '@keploy-framework/redact'

import type { LoadedFormat } from './load-format.ts'
import type { MockModel, NewRecording } from './recording.ts'

/** Headers of an answer that say something about this connection only. */
const dropped = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'date',
  'set-cookie',
])

/**
 * An exchange as a document of Keploy's `mocks.yaml`: secrets replaced, with the date, the model and the timing of a
 * stream in its metadata. `undefined`: its bytes cannot be searched for secrets, so that it must not be stored.
 */
export function recordingModel(name: string, given: NewRecording, tools: LoadedFormat): MockModel | undefined {
  // One redactor for each exchange: what is compared must not depend on what else was recorded.
  const redactor = tools.createRedactor()
  const type = (list: readonly (readonly [string, string])[]): string | undefined =>
    list.find(([key]) => key.toLowerCase() === 'content-type')?.[1]
  const requestBody = redactor.body(given.requestBody, type(given.requestHeaders), 'request body')
  const requestHeaders = redactor.headers(given.requestHeaders, 'request')
  const responseHeaders = redactor.headers(
    (given.responseHeaders as HeaderLine[]).filter(([key]) => !dropped.has(key.toLowerCase())),
    'response',
  )
  const responseBody = redactor.body(Buffer.from(given.responseBody), type(given.responseHeaders), 'response body')
  if (!requestBody.safe || !responseBody.safe) return undefined
  const text = (bytes: Uint8Array): string => redactor.seen(Buffer.from(bytes).toString('utf8'), 'body')
  const at = (ms: number): string => new Date(ms).toISOString()
  return {
    version: 'api.keploy.io/v1beta1',
    kind: 'Http',
    name,
    spec: {
      metadata: {
        name: 'Http',
        type: 'HTTP_CLIENT',
        operation: given.method,
        path: redactor.target(given.path, 'request'),
        model: given.model,
        recordedAt: at(given.responseAt),
        ...(given.stream ? { stream: 'true', pausesMs: given.pauses.join(' ') } : {}),
      },
      req: {
        method: given.method,
        proto_major: 1,
        proto_minor: 1,
        url: redactor.target(`${given.upstream}${given.path.replace(/^\/v1/, '')}`, 'request'),
        header: headerModel(requestHeaders),
        body: text(requestBody.bytes),
      },
      resp: {
        status_code: given.status,
        header: headerModel(responseHeaders),
        body: text(responseBody.bytes),
        status_message: '',
        proto_major: 0,
        proto_minor: 0,
      },
      objects: [],
      created: Math.floor(given.responseAt / 1000),
      reqTimestampMock: at(given.requestAt),
      resTimestampMock: at(given.responseAt),
    },
  }
}

function headerModel(list: readonly HeaderPair[] | readonly HeaderLine[]): Record<string, string> {
  const model: Record<string, string> = {}
  for (const [name, value] of list) {
    const key = name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
    model[key] = key in model ? `${model[key]},${value}` : value
  }
  return model
}
