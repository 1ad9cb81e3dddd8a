import type { IncomingMessage, ServerResponse } from 'node:http'

import { brief, reasonOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { checkNumber } from '../options.ts'
import { safeHeaders } from '../script/llm-request.ts'
import { deliver } from '../server/deliver.ts'
import { listen } from '../server/listen.ts'
import { decode } from '../server/parse-request.ts'
import { readBody } from '../server/read-body.ts'
import { type OpenRestRequest, type RestScope, RestState, routesOf } from './rest-scope.ts'
import { longRestStep, type RestReply, type RestStep } from './rest-step.ts'

/** How the server of an upstream is made. */
export interface RestServerOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Whether `close` throws for what `assertComplete` would throw for. Default: true. */
  readonly strict?: boolean
  /** The largest request, in bytes; a larger one is answered 413. Default: 64 MiB. */
  readonly maxBodyBytes?: number
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number
}

/** A running upstream. */
export interface RestServer extends RestScope {
  readonly port: number
  /** The scope of a test, made when it is first asked for. */
  scope(testId: string): RestScope
}

/** Starts the server of an upstream on 127.0.0.1. */
export async function startRestServer(options: RestServerOptions, own: RestState): Promise<RestServer> {
  const { now = Date.now, strict = true } = options
  const limit = checkNumber('maxBodyBytes', options.maxBodyBytes ?? 64 * 1024 * 1024, { from: 1 })
  const scopes = new Map<string, { state: RestState; handle: RestScope }>()

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
    const [, id, below] = /^\/t\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? []
    const state = id === undefined ? own : scopes.get(decode(id))?.state
    const scope = state ?? own
    scope.open.add(response)
    const read = await readBody(incoming, limit)
    if ('gone' in read) return
    const text = 'bytes' in read ? read.bytes.toString('utf8') : ''
    const request = openRequest({ incoming, url, path: id === undefined ? url.pathname : (below ?? '/'), text })
    scope.requests.push(request)
    response.once('close', () => {
      scope.open.delete(response)
      request.outcome ??= 'gone'
    })
    request.number = scope.requests.length
    if ('tooLarge' in read) {
      return send(request, response, {
        status: 413,
        message: `The request is larger than ${limit} bytes.`,
        outcome: 'rejected',
      })
    }
    if (state === undefined) {
      const reason = `The scope "${decode(id ?? '')}" does not exist, or was closed.`
      return fail({ request, response, scope, code: 'KEPLOY_LLM_SCOPE', reason })
    }
    const step = state.take(request)
    if (step === undefined) {
      const reason = `No step answers this request. ${state.explain(request)}`
      return fail({ request, response, scope, code: 'KEPLOY_LLM_UNSCRIPTED', reason })
    }
    try {
      await answer(request, response, step)
    } catch (error) {
      const reason = `The reply to this request threw: ${reasonOf(error)}.`
      await fail({ request, response, scope, code: 'KEPLOY_LLM_ANSWER', reason })
    }
  }

  function openRequest(parts: { incoming: IncomingMessage; url: URL; path: string; text: string }): OpenRestRequest {
    const query: Record<string, string | readonly string[]> = {}
    for (const key of new Set(parts.url.searchParams.keys())) {
      const values = parts.url.searchParams.getAll(key)
      query[key] = values.length === 1 ? values[0]! : values
    }
    return {
      number: 0,
      method: parts.incoming.method ?? 'GET',
      path: parts.path,
      params: {},
      query,
      headers: safeHeaders(parts.incoming.headers),
      body: parseJson(parts.text),
      at: now(),
    }
  }

  const listening = await listen(handle, options.port)
  const base = `http://127.0.0.1:${listening.port}`

  function scopeOf(state: RestState, baseUrl: string, close: () => Promise<void>): RestScope {
    const handle: RestScope = {
      ...routesOf<RestScope>(() => handle, state),
      id: state.id,
      baseUrl,
      requests: state.requests,
      problems: state.log.problems,
      assertComplete: () => state.assertComplete(),
      close,
      [Symbol.asyncDispose]: close,
    }
    return handle
  }

  function openScope(id: string): RestScope {
    if (typeof id !== 'string' || id === '') {
      throw new LlmError('KEPLOY_LLM_OPTION', 'A scope needs a name that is not empty, for example the id of the test.')
    }
    const existing = scopes.get(id)
    if (existing !== undefined) return existing.handle
    const state = new RestState(id)
    const handle = scopeOf(state, `${base}/t/${encodeURIComponent(id)}`, async () => {
      if (!scopes.delete(id)) return
      for (const response of state.open) response.destroy()
      if (strict) state.assertComplete()
    })
    scopes.set(id, { state, handle })
    return handle
  }

  async function close(): Promise<void> {
    await listening.close()
    if (!strict) return
    for (const state of [own, ...[...scopes.values()].map((one) => one.state)]) state.assertComplete()
  }

  let closing: Promise<void> | undefined
  return Object.assign(
    scopeOf(own, base, () => (closing ??= close())),
    { port: listening.port, scope: openScope },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function answer(request: OpenRestRequest, response: ServerResponse, step: RestStep): Promise<void> {
  const { fault, reply } = longRestStep(step)
  if (fault?.fault === 'status') {
    request.status = fault.status
    request.outcome = 'faulted'
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
    response.end(JSON.stringify({ error: fault.error }))
    return
  }
  const given: RestReply = typeof reply === 'function' ? await reply(request) : reply
  const json = given.json !== undefined
  request.status = checkNumber('status', given.status ?? 200, { from: 200, to: 599, whole: true })
  const body = json ? JSON.stringify(given.json) : (given.body ?? '')
  const sent = await deliver(
    response,
    {
      status: request.status,
      headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...given.headers },
      pieces: body.length === 0 ? [] : [body],
      stream: false,
      ...(given.delayMs === undefined ? {} : { pace: given.delayMs }),
    },
    fault,
  )
  request.outcome = sent === 'whole' ? (fault === undefined ? 'answered' : 'faulted') : sent
}

interface Failure {
  readonly request: OpenRestRequest
  readonly response: ServerResponse
  readonly scope: RestState
  readonly code: string
  readonly reason: string
}

async function fail({ request, response, scope, code, reason }: Failure): Promise<void> {
  const { createRedactor } = await import('@keploy-framework/redact')
  const redactor = createRedactor()
  const query = new URLSearchParams(
    Object.entries(request.query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  )
  const target = redactor.target(`${request.path}${query.size === 0 ? '' : `?${query.toString()}`}`, 'request')
  const body =
    request.body === ''
      ? ''
      : `\n  ${brief(redactor.text(JSON.stringify(request.body).slice(0, 100_000), 'request'), 300)}`
  const message = `${reason}\n${request.method} ${target}${body}`
  scope.log.add(code, message)
  send(request, response, {
    status: 500,
    message,
    outcome: code === 'KEPLOY_LLM_UNSCRIPTED' ? 'unscripted' : 'faulted',
    code,
  })
}

function send(
  request: OpenRestRequest,
  response: ServerResponse,
  given: { status: number; message: string; outcome: NonNullable<OpenRestRequest['outcome']>; code?: string },
): void {
  request.status = given.status
  request.outcome = given.outcome
  if (response.destroyed || response.headersSent) return
  response.writeHead(given.status, { 'content-type': 'application/json', 'x-should-retry': 'false' })
  response.end(JSON.stringify({ error: { message: given.message, code: given.code ?? null } }))
}
