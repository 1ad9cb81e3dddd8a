import { crc32 } from 'node:zlib'

// File:   16 bytes "KEPLOY-JOURNAL 1", 4 bytes marker, 4 bytes marker again, 8 bytes zero.
// Record: 4 bytes marker, 4 bytes head length, 4 bytes body length, 1 byte type, 3 bytes check of these 13,
//         4 bytes CRC-32 of head and body, then the head (JSON) and the body (raw bytes).
// All numbers are little-endian. The marker is random for each file, so that no recorded body can look like a record.

export const SIGNATURE: Buffer = Buffer.from('KEPLOY-JOURNAL 1', 'latin1')
export const FILE_HEADER = 32
export const RECORD_HEADER = 20
/** Longer records are not written, and a length beyond it is damage. */
export const MAX_RECORD: number = 64 * 1024 * 1024

/** What a record is. Numbers are on disk: they never change. */
export const RECORD_TYPES = { meta: 1, open: 2, part: 3, close: 4, exchange: 5, gap: 6, end: 7, call: 8 } as const
export type RecordType = keyof typeof RECORD_TYPES

const NAMES = Object.fromEntries(
  Object.entries(RECORD_TYPES).map(([name, number]) => [number, name as RecordType]),
) as Partial<Record<number, RecordType>>

export function typeName(number: number): RecordType | undefined {
  return NAMES[number]
}

export function encodeFileHeader(marker: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER)
  SIGNATURE.copy(header)
  header.writeUInt32LE(marker, 16)
  header.writeUInt32LE(marker, 20)
  return header
}

/** The marker in a file header; nothing when the header is damaged. */
export function decodeFileHeader(header: Buffer): { marker: number | undefined; signed: boolean } {
  const signed = header.length >= SIGNATURE.length && header.subarray(0, SIGNATURE.length).equals(SIGNATURE)
  if (header.length < FILE_HEADER) return { marker: undefined, signed }
  const first = header.readUInt32LE(16)
  return { marker: first === header.readUInt32LE(20) ? first : undefined, signed }
}

function headCheck(buffer: Buffer, at: number): number {
  return crc32(buffer.subarray(at, at + 13)) & 0xffffff
}

/** Writes the header of a record whose head and body stand behind it already. */
export function encodeRecordHeader(
  buffer: Buffer,
  at: number,
  marker: number,
  type: RecordType,
  headLength: number,
  bodyLength: number,
): void {
  buffer.writeUInt32LE(marker, at)
  buffer.writeUInt32LE(headLength, at + 4)
  buffer.writeUInt32LE(bodyLength, at + 8)
  buffer[at + 12] = RECORD_TYPES[type]
  buffer.writeUIntLE(headCheck(buffer, at), at + 13, 3)
  const start = at + RECORD_HEADER
  buffer.writeUInt32LE(crc32(buffer.subarray(start, start + headLength + bodyLength)), at + 16)
}

export interface RecordHeader {
  readonly type: RecordType
  readonly headLength: number
  readonly bodyLength: number
  readonly crc: number
}

/** The header of a record at `at`; nothing when there is none or it is damaged. `marker` undefined: any marker. */
export function decodeRecordHeader(buffer: Buffer, at: number, marker: number | undefined): RecordHeader | undefined {
  if (at + RECORD_HEADER > buffer.length) return undefined
  if (marker !== undefined && buffer.readUInt32LE(at) !== marker) return undefined
  if (buffer.readUIntLE(at + 13, 3) !== headCheck(buffer, at)) return undefined
  const type = typeName(buffer[at + 12] as number)
  const headLength = buffer.readUInt32LE(at + 4)
  const bodyLength = buffer.readUInt32LE(at + 8)
  if (!type || headLength + bodyLength > MAX_RECORD) return undefined
  return { type, headLength, bodyLength, crc: buffer.readUInt32LE(at + 16) }
}
