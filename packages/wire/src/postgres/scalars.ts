import { isUtf8 } from 'node:buffer'
import { isIPv4, isIPv6 } from 'node:net'

import { int32 } from './bytes.ts'
import {
  dateDays,
  dateText,
  intervalParts,
  intervalText,
  offsetMicros,
  timeMicros,
  timestampMicros,
  timestampText,
  timeText,
} from './date-time.ts'
import { numericBytes, numericText } from './numeric.ts'

/** How values of a type go between the binary form and the text that Postgres writes. Nothing: not this value. */
export interface ScalarCodec {
  toText(bytes: Buffer): string | undefined
  toBytes(text: string): Buffer | undefined
}

const text: ScalarCodec = {
  toText: (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined),
  toBytes: (value) => Buffer.from(value, 'utf8'),
}

function integer(size: 2 | 4 | 8, signed: boolean): ScalarCodec {
  return {
    toText(bytes) {
      if (bytes.length !== size) return undefined
      const value = BigInt(`0x${bytes.toString('hex')}`)
      return String(signed ? BigInt.asIntN(size * 8, value) : value)
    },
    toBytes(value) {
      if (!/^-?\d{1,20}$/.test(value)) return undefined
      const number = BigInt(value)
      const wrapped = BigInt.asUintN(size * 8, number)
      if ((signed ? BigInt.asIntN(size * 8, wrapped) : wrapped) !== number) return undefined
      return Buffer.from(wrapped.toString(16).padStart(size * 2, '0'), 'hex')
    },
  }
}

const int8 = integer(8, true)
const micros = (bytes: Buffer): bigint | undefined => (bytes.length === 8 ? bytes.readBigInt64BE() : undefined)
function microsBytes(value: bigint | undefined): Buffer | undefined {
  return value === undefined ? undefined : int8.toBytes(String(value))
}

function floatText(value: number, size: 4 | 8): string {
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0'
  let shortest = String(value)
  for (let digits = 1; size === 4 && digits <= 9; digits++) {
    shortest = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(shortest)) === value) break
  }
  return shortest.replace(/e([+-])(\d)$/, 'e$10$2')
}

function float(size: 4 | 8): ScalarCodec {
  return {
    toText(bytes) {
      if (bytes.length !== size) return undefined
      return floatText(size === 4 ? bytes.readFloatBE() : bytes.readDoubleBE(), size)
    },
    toBytes(value) {
      if (!/^(?:NaN|-?Infinity|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(value)) return undefined
      const bytes = Buffer.alloc(size)
      if (size === 4) bytes.writeFloatBE(Number(value))
      else bytes.writeDoubleBE(Number(value))
      return bytes
    },
  }
}

function timestamp(zone: boolean): ScalarCodec {
  return {
    toText(bytes) {
      const value = micros(bytes)
      return value === undefined ? undefined : timestampText(value, zone)
    },
    toBytes: (value) => microsBytes(timestampMicros(value, zone)),
  }
}

const date: ScalarCodec = {
  toText(bytes) {
    if (bytes.length !== 4) return undefined
    const days = bytes.readInt32BE()
    if (days === 0x7fffffff) return 'infinity'
    return days === -0x80000000 ? '-infinity' : dateText(BigInt(days))
  },
  toBytes(value) {
    if (value === 'infinity') return int32(0x7fffffff)
    if (value === '-infinity') return int32(-0x80000000)
    const days = dateDays(value)
    return days === undefined ? undefined : int32(Number(days))
  },
}

const time: ScalarCodec = {
  toText(bytes) {
    const value = micros(bytes)
    return value === undefined ? undefined : timeText(value)
  },
  toBytes: (value) => microsBytes(timeMicros(value)),
}

const timetz: ScalarCodec = {
  toText(bytes) {
    if (bytes.length !== 12) return undefined
    const clock = timeText(bytes.readBigInt64BE())
    const west = bytes.readInt32BE(8)
    const size = Math.abs(west)
    if (clock === undefined || size > 86_400) return undefined
    const parts = [size / 3600, (size / 60) % 60, size % 60].map((part) => String(Math.trunc(part)).padStart(2, '0'))
    while (parts.length > 1 && parts.at(-1) === '00') parts.pop()
    return `${clock}${west > 0 ? '-' : '+'}${parts.join(':')}`
  },
  toBytes(value) {
    const match = /^([\d:.]+)([+-][\d:]+)$/.exec(value)
    const clock = match === null ? undefined : microsBytes(timeMicros(match[1] as string))
    if (clock === undefined || !/^[+-]\d\d(?::\d\d){0,2}$/.test(match?.[2] ?? '')) return undefined
    return Buffer.concat([clock, int32(Number(-offsetMicros(match?.[2] as string) / 1_000_000n))])
  },
}

const interval: ScalarCodec = {
  toText: (bytes) =>
    bytes.length === 16 ? intervalText(bytes.readBigInt64BE(), bytes.readInt32BE(8), bytes.readInt32BE(12)) : undefined,
  toBytes(value) {
    const parts = intervalParts(value)
    const head = parts === undefined ? undefined : microsBytes(parts.micros)
    return parts === undefined || head === undefined
      ? undefined
      : Buffer.concat([head, int32(parts.days), int32(parts.months)])
  },
}

const uuid: ScalarCodec = {
  toText: (bytes) =>
    bytes.length === 16 ? bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : undefined,
  toBytes: (value) =>
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
      ? Buffer.from(value.replaceAll('-', ''), 'hex')
      : undefined,
}

const jsonb: ScalarCodec = {
  toText: (bytes) => (bytes[0] === 1 ? text.toText(bytes.subarray(1)) : undefined),
  toBytes: (value) => Buffer.concat([Buffer.from([1]), Buffer.from(value, 'utf8')]),
}

const bytea: ScalarCodec = {
  toText: (bytes) => `\\x${bytes.toString('hex')}`,
  toBytes: (value) => (/^\\x(?:[\da-f]{2})*$/i.test(value) ? Buffer.from(value.slice(2), 'hex') : undefined),
}

const bool: ScalarCodec = {
  toText: (bytes) => (bytes.length === 1 ? (bytes[0] === 1 ? 't' : bytes[0] === 0 ? 'f' : undefined) : undefined),
  toBytes(value) {
    if (/^(?:t|true)$/.test(value)) return Buffer.from([1])
    return /^(?:f|false)$/.test(value) ? Buffer.from([0]) : undefined
  },
}

/** Addresses of version 4; those of version 6 stay bytes, as their text has more than one form. */
function address(isCidr: boolean): ScalarCodec {
  return {
    toText(bytes) {
      if (bytes.length !== 8 || bytes[0] !== 2 || bytes[2] !== (isCidr ? 1 : 0) || bytes[3] !== 4) return undefined
      const ip = [...bytes.subarray(4)].join('.')
      return bytes[1] === 32 && !isCidr ? ip : `${ip}/${bytes[1] as number}`
    },
    toBytes(value) {
      const [ip = '', bits = '32'] = value.split('/')
      if (!isIPv4(ip) || isIPv6(ip) || !/^\d{1,2}$/.test(bits)) return undefined
      return Buffer.from([2, Number(bits), isCidr ? 1 : 0, 4, ...ip.split('.').map(Number)])
    },
  }
}

/** By the oid of the type. */
export const scalars: ReadonlyMap<number, ScalarCodec> = new Map<number, ScalarCodec>([
  [16, bool],
  [17, bytea],
  [18, text],
  [19, text],
  [20, int8],
  [21, integer(2, true)],
  [23, integer(4, true)],
  [25, text],
  [26, integer(4, false)],
  [28, integer(4, false)],
  [29, integer(4, false)],
  [114, text],
  [142, text],
  [650, address(true)],
  [700, float(4)],
  [701, float(8)],
  [705, text],
  [869, address(false)],
  [1042, text],
  [1043, text],
  [1082, date],
  [1083, time],
  [1114, timestamp(false)],
  [1184, timestamp(true)],
  [1186, interval],
  [1266, timetz],
  [1700, { toText: numericText, toBytes: numericBytes }],
  [2278, text],
  [2950, uuid],
  [3802, jsonb],
])
