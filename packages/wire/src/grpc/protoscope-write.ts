import { encodeProtoscope } from './protoscope-read.ts'
import { guessContent, readFields } from './wire-fields.ts'
import type { WireField } from './wire-fields.ts'

function quote(text: string): string {
  return `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')}"`
}

function plausible(value: number): boolean {
  const size = Math.abs(value)
  return Number.isFinite(value) && !Object.is(value, -0) && (size === 0 || (size > 1e-12 && size < 1e21))
}

function fixed(field: WireField & { readonly value: bigint }): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(field.value)
  const number = field.type === 'i32' ? bytes.readFloatLE(0) : bytes.readDoubleLE(0)
  const suffix = field.type === 'i32' ? 'i32' : ''
  if (!plausible(number)) return `0x${field.value.toString(16)}${field.type}`
  // The shortest decimal that gives the same bits.
  let text = String(number)
  if (field.type === 'i32') {
    for (let digits = 1; digits <= 9; digits += 1) {
      text = String(Number(number.toPrecision(digits)))
      if (Math.fround(Number(text)) === number) break
    }
  }
  return `${/[.e]/.test(text) ? text : `${text}.0`}${suffix}`
}

function lines(fields: readonly WireField[], indent: string, depth: number, out: string[]): void {
  for (const field of fields) {
    const name = `${indent}${field.number}:`
    if (field.type === 'start') out.push(`${name}SGROUP`)
    else if (field.type === 'end') out.push(`${name}EGROUP`)
    else if (field.type === 'varint') out.push(`${name} ${BigInt.asIntN(64, field.value)}`)
    else if (field.type === 'i32' || field.type === 'i64') out.push(`${name} ${fixed(field)}`)
    else if (field.type === 'len') {
      const content = guessContent(field.bytes, depth)
      if (field.bytes.length === 0) out.push(`${name} {}`)
      else if (content.type === 'text') out.push(`${name} {${quote(content.text)}}`)
      else if (content.type === 'bytes') out.push(`${name} {\`${field.bytes.toString('hex')}\`}`)
      else {
        out.push(`${name} {`)
        lines(content.fields, `${indent}  `, depth + 1, out)
        out.push(`${indent}}`)
      }
    }
  }
}

/**
 * Writes a protobuf message as protoscope text, which says all of it without a schema: the form that Keploy keeps as
 * `decoded_data`. Gives nothing for bytes that are no message, or would not come out the same again.
 *
 * @example
 * decodeProtoscope(Buffer.from([8, 42])) // '1: 42\n'
 */
export function decodeProtoscope(message: Uint8Array): string | undefined {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const fields = readFields(bytes)
  if (fields === undefined) return undefined
  const out: string[] = []
  lines(fields, '', 0, out)
  const text = out.map((line) => `${line}\n`).join('')
  const again = encodeProtoscope(text)
  return again !== undefined && bytes.equals(again) ? text : undefined
}
