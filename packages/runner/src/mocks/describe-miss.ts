import type { Value } from '@keploy-framework/format'
import type { CallDifference, CallMatch, LiveCall } from '@keploy-framework/match'
import { findProtocol, oneLine } from '@keploy-framework/wire'

/** A call that nothing recorded answered. */
export interface MissedCall {
  readonly dependency: string
  /** The live call in one line. */
  readonly asked: string
  readonly reason: Extract<CallMatch, { type: 'miss' }>['reason'] | 'secret'
  /** The recorded call that comes nearest, in one line, with the name of its mock. */
  readonly nearest?: { readonly mock: string; readonly text: string }
  readonly differences: readonly CallDifference[]
  /** One sentence for people. */
  readonly message: string
  /** The same in lines: what was asked, what comes nearest, and each field that differs. */
  readonly lines: readonly string[]
}

type Miss = Extract<CallMatch, { type: 'miss' }>

/** Says what was asked, why nothing answers, and what comes nearest. */
export function describeMiss(live: LiveCall, miss: Miss): MissedCall {
  const protocol = findProtocol(live.protocol)
  const asked = protocol?.describe(live.request) ?? oneLine(live.operation)
  const nearest = miss.nearest && {
    mock: oneLine(miss.nearest.name, 100),
    text: protocol?.describe(miss.nearest.request()) ?? oneLine(miss.nearest.operation),
  }
  const why = reasonOf(miss, nearest)
  return {
    dependency: live.dependency,
    asked,
    reason: miss.reason,
    ...(nearest !== undefined && { nearest }),
    differences: miss.differences,
    message: `${live.dependency}: no recorded call answers \`${asked}\`${why}`,
    lines: linesOf(asked, miss, nearest, why),
  }
}

/** Fields that are shown one by one. */
const FIELDS = 5

function linesOf(asked: string, miss: Miss, nearest: MissedCall['nearest'], why: string): string[] {
  const asks = `asked: ${asked}`
  if (miss.reason !== 'unknown' || nearest === undefined) return [asks, `reason: ${why.replace(/^: /, '')}`]
  const fields = miss.differences.slice(0, FIELDS).map((difference) => `differs: ${differenceText(difference)}`)
  const left = miss.differences.length - fields.length
  return [
    asks,
    `nearest: ${nearest.text} (${nearest.mock})`,
    ...fields,
    ...(left > 0 ? [`differs: and ${left} more`] : []),
  ]
}

function reasonOf(miss: Miss, nearest: MissedCall['nearest']): string {
  switch (miss.reason) {
    case 'used-up': {
      const times = miss.recorded === 1 ? 'once' : `${miss.recorded ?? 0} times`
      return `: it was recorded ${times}, and asked for more often.`
    }
    case 'other-test':
      return `: it was recorded for ${oneLine(miss.nearest?.tests.join(', ') ?? 'another test')} (${nearest?.mock ?? ''}).`
    case 'ambiguous':
      return ': several recorded calls fit it, and they answer differently.'
    case 'unknown': {
      if (nearest === undefined) return ': nothing of this kind was recorded.'
      const places = miss.differences.slice(0, 3).map(differenceText).join('; ')
      return `. Nearest is ${nearest.mock} \`${nearest.text}\`${places === '' ? '.' : `: ${places}.`}`
    }
  }
}

function differenceText({ path, recorded, live }: CallDifference): string {
  return `${path === '' ? 'it' : oneLine(path, 100)} was ${shown(recorded)}, is ${shown(live)}`
}

/** A leaf as people read it, cut. */
export function shown(value: Value | undefined): string {
  if (value === undefined) return 'absent'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  // What is cut off anyway is not written out.
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : value) ?? ''
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
