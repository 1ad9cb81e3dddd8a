import type { Cassette } from '../cassette/cassette.ts'
import type { Recording } from '../cassette/recording.ts'
import { readUsage } from '../cost/calculate.ts'
import { isObject, textOf } from '../json.ts'
import { deliver } from '../server/deliver.ts'
import type { Charge, Exchange } from '../server/exchange.ts'
import { FactReader, withoutUsage } from './stream-events.ts'
import { wantsUsage } from './upstream-request.ts'

/** How recordings are played. */
export interface ReplayOptions {
  /** `recorded` keeps the pauses between the events of streams. Default: `instant`. */
  readonly timing?: 'instant' | 'recorded'
}

/**
 * Answers a request from a cassette. Requests that were recorded several times are answered in that order, in each scope
 * for itself; then the last answer is given again.
 *
 * @returns whether there was a recording
 */
export async function replay(
  exchange: Exchange,
  cassette: Cassette,
  charge: Charge,
  options: ReplayOptions = {},
): Promise<boolean> {
  const { request, scope, bytes, incoming } = exchange
  const { key, recordings } = cassette.find({
    method: request.method,
    path: request.path,
    contentType: incoming.headers['content-type'],
    body: bytes,
  })
  const turn = scope.replayed.get(key) ?? 0
  const recording = recordings[Math.min(turn, recordings.length - 1)]
  if (recording === undefined) return false
  scope.replayed.set(key, turn + 1)
  request.status = recording.status
  const shown = shownPieces(recording, request.endpoint === 'chat' && !wantsUsage(request.body))
  const sent = await deliver(exchange.response, {
    status: recording.status,
    headers: recording.headers,
    pieces: shown.map(({ piece }) => piece),
    stream: recording.stream,
    ...(options.timing === 'recorded' ? { pace: shown.map(({ pause }) => pause) } : {}),
  })
  request.outcome = sent === 'whole' ? 'replayed' : 'gone'
  if (sent === 'whole') book(exchange, recording, charge)
  return true
}

function shownPieces(recording: Recording, strip: boolean): { piece: string; pause: number }[] {
  return recording.pieces.flatMap((piece, index) => {
    const shown = recording.stream && strip ? withoutUsage(piece) : piece
    return shown === undefined ? [] : [{ piece: shown, pause: recording.pauses[index] ?? 0 }]
  })
}

function book(exchange: Exchange, recording: Recording, charge: Charge): void {
  const reader = new FactReader()
  if (recording.stream) for (const piece of recording.pieces) reader.read(piece)
  const { usage, tier } = recording.stream ? reader.facts : jsonFacts(recording.pieces.join(''))
  if (usage !== undefined) charge(exchange, usage, { tier, real: false })
}

function jsonFacts(text: string): { usage: ReturnType<typeof readUsage>; tier: string | undefined } {
  try {
    const value: unknown = JSON.parse(text)
    return { usage: readUsage(value), tier: isObject(value) ? textOf(value['service_tier']) : undefined }
  } catch {
    return { usage: undefined, tier: undefined }
  }
}
