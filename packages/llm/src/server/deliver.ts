import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import type { TransportFault } from '../faults/faults.ts'
import type { WireError } from '../faults/status-errors.ts'
import { settle, wait } from './wait.ts'

/** An answer that is ready to be sent: `pieces` are what a client sees as separate chunks. */
export interface Delivery {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: readonly (string | Uint8Array)[]
  /** Whether the pieces are events of a stream; otherwise they are parts of one body. */
  readonly stream: boolean
  /** Milliseconds in front of each piece; a list gives each its own. Default: 0. */
  readonly pace?: number | readonly number[]
  /** How the stream says that something failed. Default: as chat completions do. */
  readonly errorEvent?: (error: WireError, sent: number) => string
}

/** How sending ended. */
export type Sent = 'whole' | 'faulted' | 'gone'

/**
 * Sends an answer, and lets a fault happen to it on the way. Ends early when the client leaves or the server closes.
 */
export async function deliver(response: ServerResponse, delivery: Delivery, fault?: TransportFault): Promise<Sent> {
  const gone = goneSignal(response)
  if (gone.aborted) return 'gone'
  if (fault?.fault === 'timeout') {
    if (!(await wait(fault.ms, gone))) return 'gone'
    // The client was told nothing for so long; what follows is an ordinary answer, had it waited.
  }
  if (fault?.fault === 'delay' && !(await wait(fault.ms, gone))) return 'gone'
  const limit = fault !== undefined && 'afterChunks' in fault ? fault.afterChunks : undefined
  if (fault?.fault === 'cut' && limit === 0) {
    cut(response, fault.how)
    return 'faulted'
  }
  const pieces = limit === undefined || delivery.stream ? delivery.pieces : halves(delivery.pieces)
  const whole = fault === undefined || limit === undefined
  const length = whole && !delivery.stream ? { 'content-length': String(sizeOf(pieces)) } : {}
  response.writeHead(delivery.status, { ...delivery.headers, ...length })
  response.flushHeaders()
  const until = Math.min(limit ?? pieces.length, delivery.stream ? pieces.length : Math.max(pieces.length - 1, 1))
  for (const [index, piece] of pieces.entries()) {
    if (limit !== undefined && index >= until) break
    const pause = typeof delivery.pace === 'number' ? delivery.pace : (delivery.pace?.[index] ?? 0)
    if (pause > 0 && !(await wait(pause, gone))) return 'gone'
    if (!(await write(response, piece, gone))) return 'gone'
  }
  if (limit === undefined) {
    response.end()
    return 'whole'
  }
  const { stream, errorEvent = chatError } = delivery
  return breakOff(response, fault!, {
    rest: pieces.slice(until),
    stream,
    errorEvent: (error) => errorEvent(error, until),
    gone,
  })
}

interface Breaking {
  readonly rest: Delivery['pieces']
  readonly stream: boolean
  readonly errorEvent: (error: WireError) => string
  readonly gone: AbortSignal
}

function chatError(error: WireError): string {
  return `data: ${JSON.stringify({ error })}\n\n`
}

async function breakOff(
  response: ServerResponse,
  fault: TransportFault,
  { rest, stream, errorEvent, gone }: Breaking,
): Promise<Sent> {
  switch (fault.fault) {
    case 'stall':
      if (!(await wait(fault.ms, gone))) return 'gone'
      for (const piece of rest) if (!(await write(response, piece, gone))) return 'gone'
      response.end()
      return 'faulted'
    case 'cut':
      if (!(await settle(fault.settleMs, gone))) return 'gone'
      cut(response, fault.how)
      return 'faulted'
    case 'malformed':
      await write(response, stream ? fault.text : fault.text.replace('data: ', '').trim(), gone)
      response.end()
      return 'faulted'
    case 'errorChunk':
      await write(response, errorEvent(fault.error), gone)
      response.end()
      return 'faulted'
    default:
      response.end()
      return 'faulted'
  }
}

/** Two parts of a body, so that one of them can be missing. */
function halves(pieces: Delivery['pieces']): Uint8Array[] {
  const body = Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)))
  const middle = Math.ceil(body.length / 2)
  return [body.subarray(0, middle), body.subarray(middle)]
}

function sizeOf(pieces: Delivery['pieces']): number {
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
}

function cut(response: ServerResponse, how: 'reset' | 'close'): void {
  if (how === 'reset') response.socket?.resetAndDestroy()
  else response.socket?.destroy()
}

async function write(response: ServerResponse, piece: string | Uint8Array, gone: AbortSignal): Promise<boolean> {
  if (gone.aborted) return false
  if (response.write(piece)) return true
  await once(response, 'drain', { signal: gone }).catch(() => undefined)
  return !gone.aborted
}

/** Aborted once the client is no longer there. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  if (response.destroyed || response.socket?.destroyed === true) controller.abort()
  response.once('close', () => controller.abort())
  return controller.signal
}
