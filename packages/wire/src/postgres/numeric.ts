import { Cursor, int16 } from './bytes.ts'

const NAN = 0xc000
const NEGATIVE = 0x4000

/** A `numeric` in binary form as its digits; nothing where it is no number of the usual form. */
export function numericText(bytes: Buffer): string | undefined {
  const cursor = new Cursor(bytes)
  const count = cursor.int16()
  const weight = cursor.int16()
  const sign = cursor.int16() & 0xffff
  const scale = cursor.int16()
  if (sign === NAN) return 'NaN'
  if (sign === 0xd000) return 'Infinity'
  if (sign === 0xf000) return '-Infinity'
  // Beyond these, an honest server sends nothing; what a broken one sends must not become megabytes of zeros.
  if (count < 0 || scale < 0 || scale > 16_383 || Math.abs(weight) > 20_000 || cursor.left !== count * 2)
    return undefined
  const groups = Array.from({ length: count }, () => cursor.int16())
  if (groups.some((group) => group < 0 || group > 9999)) return undefined
  let whole = ''
  for (let index = 0; index <= weight; index++) whole += String(groups[index] ?? 0).padStart(4, '0')
  let fraction = ''
  for (let index = weight + 1; fraction.length < scale; index++) {
    fraction += String(index < 0 ? 0 : (groups[index] ?? 0)).padStart(4, '0')
  }
  whole = whole.replace(/^0+(?=\d)/, '') || '0'
  fraction = fraction.slice(0, scale)
  return `${sign === NEGATIVE ? '-' : ''}${whole}${scale > 0 ? `.${fraction}` : ''}`
}

/** The binary form of a `numeric`. */
export function numericBytes(text: string): Buffer | undefined {
  const special = { NaN: NAN, Infinity: 0xd000, '-Infinity': 0xf000 }[text]
  if (special !== undefined) return Buffer.concat([int16(0), int16(0), int16(special), int16(special === NAN ? 0 : 32)])
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return undefined
  const scale = (match[3] ?? '').length
  const digits = match[2] as string
  const whole = digits.padStart(Math.ceil(digits.length / 4) * 4, '0')
  const fraction = (match[3] ?? '').padEnd(Math.ceil(scale / 4) * 4, '0')
  const groups = `${whole}${fraction}`.match(/\d{4}/g)?.map(Number) ?? []
  let weight = whole.length / 4 - 1
  while (groups.length > 0 && groups[0] === 0) {
    groups.shift()
    weight--
  }
  while (groups.length > 0 && groups.at(-1) === 0) groups.pop()
  if (groups.length === 0) weight = 0
  const sign = match[1] === '-' && groups.length > 0 ? NEGATIVE : 0
  return Buffer.concat([
    int16(groups.length),
    int16(weight),
    int16(sign),
    int16(scale),
    ...groups.map((group) => int16(group)),
  ])
}
