import { textOrBytes } from '../protocol/value.ts'
import type { Word } from './command-parser.ts'

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' }

/**
 * The words of an inline command, with the quotes that Redis knows: double ones with escapes, single ones without. Nothing
 * when a quote does not close, or something follows it without a space.
 */
export function splitInline(line: Uint8Array): Word[] | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1')
  const words: Word[] = []
  let at = 0
  for (;;) {
    while (at < text.length && isSpace(text[at])) at++
    if (at >= text.length) return words
    let word = ''
    while (at < text.length && !isSpace(text[at])) {
      const quote = text[at]
      if (quote !== '"' && quote !== "'") {
        word += text[at++]
        continue
      }
      const quoted = readQuoted(text, at + 1, quote)
      if (quoted === undefined) return undefined
      word += quoted.content
      at = quoted.next
      if (at < text.length && !isSpace(text[at])) return undefined
    }
    words.push(textOrBytes(Buffer.from(word, 'latin1')))
  }
}

function readQuoted(text: string, from: number, quote: string): { content: string; next: number } | undefined {
  let content = ''
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string
    if (character === quote) return { content, next: at + 1 }
    const next = text[at + 1]
    if (character !== '\\' || next === undefined || (quote === "'" && next !== "'")) {
      content += character
      continue
    }
    const hex = quote === '"' && next === 'x' ? /^[\da-f]{2}/i.exec(text.slice(at + 2, at + 4))?.[0] : undefined
    content +=
      hex === undefined
        ? quote === '"'
          ? (ESCAPES[next] ?? next)
          : next
        : String.fromCharCode(Number.parseInt(hex, 16))
    at += hex === undefined ? 1 : 3
  }
  return undefined
}

function isSpace(character: string | undefined): boolean {
  return (
    character === ' ' ||
    character === '\t' ||
    character === '\r' ||
    character === '\n' ||
    character === '\v' ||
    character === '\f'
  )
}
