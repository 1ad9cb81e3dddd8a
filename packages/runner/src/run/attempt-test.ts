import { headerValue, type Failure, type StreamItem, type TestCase } from '@keploy-framework/format'
import { compareResponse, type ActualResponse, type Comparison } from '@keploy-framework/validator'
import { decodeContent } from '@keploy-framework/wire'

import { isProblem, type IncomingResponse, type OutgoingRequest } from '../send/outgoing.ts'
import { prepareRequest } from '../send/prepare-request.ts'
import { StreamReader } from '../send/stream-reader.ts'
import { replayWebSocket } from '../send/websocket.ts'
import { renderTest } from '../text/render-test.ts'
import { blockedBy, learnSecrets, neededBy } from './blocked-by.ts'
import type { Attempt, SetContext } from './set-context.ts'

const NOTHING = Object.freeze([]) as readonly never[]

/** Sends one test and compares what comes back. Resolves always; what went wrong is in the attempt's failures. */
export async function attemptTest(recorded: TestCase, given: SetContext): Promise<Attempt> {
  const started = performance.now()
  // A conversation is compared while it goes on, so the set has to be known before it.
  const context = recorded.stream === undefined || given.known === undefined ? given : await given.known
  const { test, missing } = renderTest(recorded, context.lookup, context.isLiteral)
  let transaction = context.table.beginTest(test.name)
  const start = context.table.mark()
  const fail = async (status: 'failed' | 'blocked', failures: readonly Failure[]): Promise<Attempt> => {
    const durationMs = performance.now() - started
    if (context.known !== undefined) transaction = (await context.known).table.beginTest(test.name)
    transaction.fail()
    return {
      status,
      failures,
      bound: NOTHING,
      rules: NOTHING,
      test,
      durationMs,
      rollback: () => transaction.rollback(),
    }
  }

  if (test.kind !== 'Http') {
    return fail('failed', [invalid(`${test.kind} tests can't be replayed yet. Leave it out with test.ignoredTests.`)])
  }
  const substituted = context.table.substituteRequest(test.request)
  const needs = neededBy(test, substituted, context)
  const lacking = missing.length + needs.missing.length + needs.lost.length > 0
  const blocked = lacking ? blockedBy(missing, needs, context) : NOTHING
  if (blocked.length > 0) return fail('blocked', blocked)

  let outgoing: OutgoingRequest
  try {
    const prepared = prepareRequest(substituted.request, {
      target: context.target,
      recordedHosts: context.recordedHosts,
      directory: context.directory,
      recorded: recorded.request,
    })
    outgoing = prepared instanceof Promise ? await prepared : prepared
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return fail('failed', [invalid(`The recorded request can't be sent: ${reason}`)])
  }

  const received = await receive(test, outgoing, context)
  if ('failure' in received) return fail('failed', [received.failure])
  const durationMs = performance.now() - started
  const judge = context.known === undefined ? context : await context.known
  if (judge !== context) {
    // It was sent before the set was known; what it binds belongs to the whole set.
    transaction = judge.table.beginTest(test.name)
    judge.table.substituteRequest(test.request)
  }
  const { actual } = received
  const comparison = judged(test, actual, judge)
  const bound = test.stream === undefined ? comparison.bound : judge.table.boundSince(start)
  learnSecrets(bound, judge)
  const isOther = !comparison.passed && classOf(actual.status) !== classOf(test.response.status)
  // An answer of another kind says nothing about the values of the recorded one.
  if (isOther) transaction.rollback()
  if (!comparison.passed) transaction.fail()
  return {
    status: comparison.passed ? 'passed' : 'failed',
    failures: comparison.failures,
    bound: isOther ? NOTHING : bound,
    rules: comparison.rules,
    test,
    actual,
    durationMs,
    rollback: () => transaction.rollback(),
  }
}

function judged(test: TestCase, actual: ActualResponse, judge: SetContext): Comparison {
  return compareResponse(test, actual, {
    noise: judge.noiseOf(test),
    bindings: judge.table,
    hosts: { recorded: judge.recordedHosts, live: judge.target.authority },
    options: judge.compare,
  })
}

type Received = { readonly actual: ActualResponse } | { readonly failure: Failure }

async function receive(test: TestCase, outgoing: OutgoingRequest, context: SetContext): Promise<Received> {
  const { testTimeoutMs: timeoutMs, bodyLimit } = context
  if (test.stream !== undefined) {
    const fill = (text: string): string => context.table.substituteText(text).text
    const { target } = context
    // What the service says in a conversation may be what we have to say next: an id, a token.
    const heard = (expected: StreamItem, live: StreamItem): void => {
      const actual = { status: 0, statusMessage: '', headers: [], body: new Uint8Array(), items: [live] }
      const alone = { status: 0, statusMessage: '', headers: [], body: { type: 'empty' }, timestamp: 0 } as const
      const stream = { kind: 'websocket', items: [expected] } as const
      judged({ ...test, response: alone, stream }, actual, context)
    }
    const options = { target, timeoutMs, bodyLimit, fill, heard }
    const outcome = await replayWebSocket(outgoing, test.stream.items, options)
    if (isProblem(outcome)) return { failure: await sendFailure(outcome.kind, outcome.message, context) }
    return decoded(outcome.response, bodyLimit, outcome.items)
  }
  const reader = StreamReader.for(test)
  const options =
    test.response.body.type === 'omitted' ? { timeoutMs, bodyLimit, digest: true } : { timeoutMs, bodyLimit }
  const outcome = await context.sender.send(
    outgoing,
    reader === undefined ? options : { ...options, watch: reader.watch },
  )
  if (isProblem(outcome)) {
    reader?.finish(true)
    // What has come of a stream before the limit is worth a comparison: it shows which item is missing.
    return { failure: await sendFailure(outcome.kind, outcome.message, context) }
  }
  const items = reader?.finish(outcome.cut !== undefined)
  if (outcome.cut === 'limit') {
    return {
      failure: {
        kind: 'body',
        path: 'body',
        message: `The response body is longer than ${bodyLimit} bytes, the limit of what is compared.`,
      },
    }
  }
  return decoded(outcome, bodyLimit, items, test.response.body.type === 'omitted')
}

function decoded(
  response: IncomingResponse,
  bodyLimit: number,
  items: ActualResponse['items'],
  digestWanted = false,
): Received {
  const { status, reason: statusMessage, headers, digest } = response
  if (digest !== undefined) return { actual: { status, statusMessage, headers, body: response.body, digest } }
  const encoding = response.body.length === 0 ? undefined : headerValue(headers, 'content-encoding')
  let body: Uint8Array = response.body
  if (encoding !== undefined) {
    const content = decodeContent(body, encoding, bodyLimit)
    if (!content.ok && content.reason === 'limit') {
      // As the recorder does: what is too large to unpack is known by its bytes on the wire.
      if (digestWanted) return { actual: { status, statusMessage, headers, body } }
      const message = `The response body is longer than ${bodyLimit} bytes after decoding ${encoding}, the limit of what is compared.`
      return { failure: { kind: 'body', path: 'body', message } }
    }
    // Bytes that are not in the coding they claim are compared as they came.
    if (content.ok) body = content.bytes
  }
  const actual = { status, statusMessage, headers, body }
  return { actual: items === undefined ? actual : { ...actual, items } }
}

/** A broken connection has another meaning when the service is gone. */
async function sendFailure(kind: Failure['kind'], message: string, context: SetContext): Promise<Failure> {
  const crashed = kind === 'refused' || kind === 'connection' ? await context.crash() : undefined
  return crashed === undefined ? { kind, path: '', message } : { kind: 'crashed', path: '', message: crashed }
}

/** 2 for 201, and so on. */
function classOf(status: number): number {
  return Math.floor(status / 100)
}

function invalid(message: string): Failure {
  return { kind: 'invalid-test', path: '', message }
}
