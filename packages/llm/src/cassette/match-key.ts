import { createHash } from 'node:crypto'

import { isObject } from '../json.ts'

/** How requests are compared with recorded ones. */
export interface MatchOptions {
  /** Names of fields at the top of the body that do not count, beside the usual ones. Default: none. */
  readonly ignore?: readonly string[]
  /** Changes a body before it is compared, for example to take the date out of a prompt. Default: no change. */
  readonly normalise?: (body: unknown) => unknown
}

/** Fields that change from run to run, or say nothing about the answer. */
const ignored = ['metadata', 'prompt_cache_key', 'safety_identifier', 'stream_options', 'user']

/**
 * A body as it is compared: keys in order, without fields that do not count, secrets all alike, and text that is no JSON
 * as it stands.
 */
export function normalise(text: string, options: MatchOptions = {}): unknown {
  let value: unknown
  try {
    // Placeholders have numbers, which depend on what was seen before.
    value = JSON.parse(text.replaceAll(/\{\{secret\.\d+\}\}/g, '{{secret}}'))
  } catch {
    return text
  }
  if (isObject(value)) {
    const left = new Set([...ignored, ...(options.ignore ?? [])])
    value = Object.fromEntries(Object.entries(value).filter(([key]) => !left.has(key)))
  }
  return sorted(options.normalise?.(value) ?? value)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/** The key of a request: what was asked of which path. */
export function matchKey(method: string, path: string, normalised: unknown): string {
  return createHash('sha256')
    .update(`${method} ${path}\n${JSON.stringify(normalised)}`)
    .digest('hex')
}
