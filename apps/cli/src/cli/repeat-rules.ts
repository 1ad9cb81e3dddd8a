import type { RecordedCall } from '@keploy-framework/match'
import { findProtocol } from '@keploy-framework/wire'

/**
 * Which recorded calls may be answered more often than they were recorded, by `dependencies.repeat`: patterns on the text of
 * a call as reports show it, with `*` for anything.
 */
export function repeatRules(patterns: readonly string[]): ((call: RecordedCall) => boolean) | undefined {
  if (patterns.length === 0) return undefined
  const rules = patterns.map((pattern) => pattern.split('*'))
  return (call) => {
    const text = findProtocol(call.protocol)?.describe(call.request()) ?? call.operation
    return rules.some((pieces) => fits(text, pieces))
  }
}

/** Piece by piece, so that no pattern takes longer than the text is long. */
function fits(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (pieces.length === 1) return text === first
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at)
    if (found === -1 || found + piece.length > text.length - last.length) return false
    at = found + piece.length
  }
  return true
}
