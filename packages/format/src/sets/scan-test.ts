import { parseTestCase } from '../test-case/decode.ts'
import { parseTimestamp } from '../test-case/timestamp.ts'

/** What the order of a set needs to know of a test. */
export interface TestHeader {
  /** Milliseconds since the epoch, 0 when unknown. */
  readonly requestAt: number
  readonly responseAt: number
}

/**
 * Reads the two time stamps of a test without parsing its file: ten thousand files must be put in order before the first
 * request. The text is walked line by line along the indentation; whatever is not laid out as Keploy does (flow
 * mappings, quoted text over several lines, JSON) is parsed in full, so a wrong guess is not possible.
 */
export function scanTestHeader(text: string, file: string): TestHeader {
  if (!/\.json$/i.test(file)) {
    const found = walk(text)
    if (found !== undefined) return found
  }
  const { test } = parseTestCase(text, { file })
  return { requestAt: test?.request.timestamp ?? 0, responseAt: test?.response.timestamp ?? 0 }
}

function walk(text: string): TestHeader | undefined {
  let spec = -1
  let half: 'req' | 'resp' | undefined
  let halfIndent = -1
  let childIndent = -1
  let blockIndent = -1
  let requestAt: number | undefined
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    let end = newline === -1 ? text.length : newline
    const next = end + 1
    if (text.charCodeAt(end - 1) === 13) end--
    let from = at
    while (from < end && text.charCodeAt(from) === 32) from++
    const indent = from - at
    at = next
    if (from === end) continue
    if (blockIndent >= 0) {
      if (indent > blockIndent) continue
      blockIndent = -1
    }
    const first = text.charCodeAt(from)
    if (first === 35) continue
    if (first === 9 || first === 123 || first === 38 || first === 42) return undefined
    const last = text.charCodeAt(end - 1)
    if (opensBlock(text, from, end, last)) blockIndent = indent
    else if (leavesQuoteOpen(text, from, end)) return undefined
    if (spec < 0) {
      if (indent === 0 && text.startsWith('spec:', from)) {
        if (from + 5 !== end) return undefined
        spec = indent
      }
      continue
    }
    if (indent <= spec) return { requestAt: requestAt ?? 0, responseAt: 0 }
    if (half === undefined || indent <= halfIndent) {
      half = undefined
      if (text.startsWith('req:', from) || text.startsWith('grpcReq:', from)) half = 'req'
      else if (text.startsWith('resp:', from) || text.startsWith('grpcResp:', from)) half = 'resp'
      if (half !== undefined && text.charCodeAt(end - 1) !== 58) return undefined
      halfIndent = indent
      childIndent = -1
      continue
    }
    if (childIndent < 0) childIndent = indent
    if (indent === childIndent && text.startsWith('timestamp: ', from)) {
      const value = text
        .slice(from + 11, end)
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2')
      const time = parseTimestamp(value)
      if (time === 0) return undefined
      if (half === 'req') requestAt = time
      else return { requestAt: requestAt ?? 0, responseAt: time }
    }
  }
  return spec < 0 ? undefined : { requestAt: requestAt ?? 0, responseAt: 0 }
}

/** Whether a line ends with the head of a block scalar: `|`, `>`, with indentation and chomping indicators. */
function opensBlock(text: string, from: number, end: number, last: number): boolean {
  // The usual cases without looking back.
  const plausible = last === 124 || last === 62 || last === 45 || last === 43 || (last >= 49 && last <= 57)
  if (!plausible) return text.includes('#', from) && /[:-] +[|>][-+0-9]*\s+#/.test(text.slice(from, end))
  return /(?:: |- |^)(?:!\S+ |&\S+ )*[|>](?:[-+]?[1-9]?|[1-9][-+]?)$/.test(text.slice(from, end))
}

function leavesQuoteOpen(text: string, from: number, end: number): boolean {
  const colon = text.indexOf(': ', from)
  const start = colon === -1 || colon >= end ? from : colon + 2
  const quote = text.charCodeAt(start)
  if (quote !== 34 && quote !== 39) return quote === 123 ? text.charCodeAt(end - 1) !== 125 : false
  return end - start < 2 || text.charCodeAt(end - 1) !== quote
}
