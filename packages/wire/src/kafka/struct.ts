import type { Value } from '@keploy-framework/format'

import { bytesOf, isTree, textOrBytes } from '../protocol/value.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import type { Field } from './schemas/schema.ts'

/** The fields of a message by name. */
export type Tree = { readonly [key: string]: Value }

/**
 * Reads a message. Tagged fields that are not there are not in the tree; ones that are not known stand as bytes under
 * `tag` and their number. Throws a `RangeError` where the bytes are no such message.
 */
export function readStruct(fields: readonly Field[], version: number, flexible: boolean, reader: ByteReader): Tree {
  const tree: Record<string, Value> = {}
  const tagged: Field[] = []
  for (const field of fields) {
    if (version < field.since || version > field.until) continue
    if (flexible && field.tag !== undefined) tagged.push(field)
    else tree[field.name] = readField(field, version, flexible, reader)
  }
  if (!flexible) return tree
  for (let left = reader.uvarint(); left > 0; left--) {
    const tag = reader.uvarint()
    const bytes = reader.raw(reader.uvarint())
    const field = tagged.find((each) => each.tag === tag)
    if (field === undefined) tree[`tag${tag}`] = new Uint8Array(bytes)
    else tree[field.name] = readField(field, version, flexible, new ByteReader(bytes))
  }
  return tree
}

function readField(field: Field, version: number, flexible: boolean, reader: ByteReader): Value {
  if (!field.array) return readOne(field, version, flexible, reader)
  const length = flexible ? reader.uvarint() - 1 : reader.int32()
  if (length < 0) return null
  if (length > reader.left) throw new RangeError(`a list of ${length} does not fit in ${reader.left} bytes`)
  return Array.from({ length }, () => readOne(field, version, flexible, reader))
}

function readOne(field: Field, version: number, flexible: boolean, reader: ByteReader): Value {
  switch (field.type) {
    case 'bool':
      return reader.int8() !== 0
    case 'int8':
      return reader.int8()
    case 'int16':
      return reader.int16()
    case 'uint16':
      return reader.uint16()
    case 'int32':
      return reader.int32()
    case 'int64':
      return fromBigInt(reader.int64())
    case 'float64':
      return reader.float64()
    case 'uuid':
      return reader.raw(16).toString('base64url')
    case 'string': {
      const length = flexible ? reader.uvarint() - 1 : reader.int16()
      return length < 0 ? null : textOrBytes(reader.raw(length))
    }
    case 'bytes': {
      const length = flexible ? reader.uvarint() - 1 : reader.int32()
      return length < 0 ? null : textOrBytes(reader.raw(length))
    }
    case 'records': {
      const length = flexible ? reader.uvarint() - 1 : reader.int32()
      return length < 0 ? null : new Uint8Array(reader.raw(length))
    }
    case 'struct':
      if (field.nullable && !field.array && field.tag === undefined && reader.int8() < 0) return null
      return readStruct(field.fields, version, flexible, reader)
  }
}

/** Writes a message. What a tree lacks, or has in another form, is written as the field's default. */
export function writeStruct(
  fields: readonly Field[],
  version: number,
  flexible: boolean,
  tree: Tree,
  writer: ByteWriter,
): void {
  const tagged: { readonly tag: number; readonly bytes: Buffer }[] = []
  for (const field of fields) {
    if (version < field.since || version > field.until) continue
    const value = tree[field.name]
    if (flexible && field.tag !== undefined) {
      if (value === undefined) continue
      const inner = new ByteWriter()
      writeField(field, version, flexible, value, inner)
      tagged.push({ tag: field.tag, bytes: inner.done() })
    } else writeField(field, version, flexible, value, writer)
  }
  if (!flexible) return
  for (const [name, value] of Object.entries(tree)) {
    const tag = /^tag(\d{1,9})$/.exec(name)?.[1]
    if (tag !== undefined && value instanceof Uint8Array) tagged.push({ tag: Number(tag), bytes: Buffer.from(value) })
  }
  writer.uvarint(tagged.length)
  for (const { tag, bytes } of tagged.sort((a, b) => a.tag - b.tag))
    writer.uvarint(tag).uvarint(bytes.length).raw(bytes)
}

function writeField(
  field: Field,
  version: number,
  flexible: boolean,
  value: Value | undefined,
  writer: ByteWriter,
): void {
  if (!field.array) {
    writeOne(field, version, flexible, value, writer)
    return
  }
  const items = Array.isArray(value) ? (value as readonly Value[]) : undefined
  const none = items === undefined && field.nullable && (value === null || field.standard === null)
  if (flexible) writer.uvarint(none ? 0 : (items?.length ?? 0) + 1)
  else writer.int32(none ? -1 : (items?.length ?? 0))
  for (const item of items ?? []) writeOne(field, version, flexible, item, writer)
}

function writeOne(
  field: Field,
  version: number,
  flexible: boolean,
  value: Value | undefined,
  writer: ByteWriter,
): void {
  switch (field.type) {
    case 'bool':
      writer.int8((typeof value === 'boolean' ? value : field.standard === true) ? 1 : 0)
      return
    case 'int8':
      writer.int8(integer(value, field))
      return
    case 'int16':
    case 'uint16':
      writer.int16(integer(value, field))
      return
    case 'int32':
      writer.int32(integer(value, field))
      return
    case 'int64':
      writer.int64(toBigInt(value) ?? BigInt(integer(undefined, field)))
      return
    case 'float64':
      writer.float64(typeof value === 'number' ? value : 0)
      return
    case 'uuid': {
      const bytes = typeof value === 'string' ? Buffer.from(value, 'base64url') : Buffer.alloc(16)
      writer.raw(bytes.length === 16 ? bytes : Buffer.alloc(16))
      return
    }
    case 'string':
    case 'bytes':
    case 'records': {
      const bytes = typeof value === 'string' || value instanceof Uint8Array ? bytesOf(value) : undefined
      const none = bytes === undefined && (value === null || field.standard === null || field.type === 'records')
      const length = none ? -1 : (bytes?.length ?? 0)
      if (flexible) writer.uvarint(length + 1)
      else if (field.type === 'string') writer.int16(length)
      else writer.int32(length)
      if (bytes !== undefined) writer.raw(bytes)
      return
    }
    case 'struct':
      if (field.nullable && !field.array && field.tag === undefined) {
        writer.int8(isTree(value) ? 1 : -1)
        if (!isTree(value)) return
      }
      writeStruct(field.fields, version, flexible, isTree(value) ? value : {}, writer)
  }
}

function integer(value: Value | undefined, field: Field): number {
  if (typeof value === 'number') return value
  return typeof field.standard === 'number' ? field.standard : 0
}

/** A 64-bit integer as a tree has it: a number where it is exact, else its text. */
export function fromBigInt(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** The 64-bit integer of a tree. */
export function toBigInt(value: Value | undefined): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

/** A name or a number of a tree as text; empty for everything else. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** The items of a list that are mappings. */
export function trees(list: Value | undefined): readonly Tree[] {
  return Array.isArray(list) ? (list as readonly Value[]).filter((item) => isTree(item)) : []
}
