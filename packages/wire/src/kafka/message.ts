import { ByteReader, ByteWriter } from './bytes.ts'
import { apis, reads } from './schemas/apis.ts'
import type { ApiSchema } from './schemas/schema.ts'
import { readStruct, writeStruct, type Tree } from './struct.ts'

/** A request as its header tells it. */
export interface RequestHead {
  readonly key: number
  readonly version: number
  readonly correlationId: number
  /** Absent where the API, or this version of it, is not known. */
  readonly schema?: ApiSchema
}

/** A request. `body` is absent where its version is not known, or where it is not as the version demands. */
export interface KafkaRequest extends RequestHead {
  readonly clientId: string | null
  readonly body?: Tree
  /** What follows the client id, as it is. */
  readonly bytes: Buffer
}

const VERSIONS = 18

/** Reads the fixed part of a request (without the length of the frame); nothing where there are fewer than eight bytes. */
export function readHead(frame: Uint8Array): RequestHead | undefined {
  if (frame.length < 8) return undefined
  const reader = new ByteReader(frame)
  const [key, version, correlationId] = [reader.int16(), reader.int16(), reader.int32()]
  const schema = apis.get(key)
  return { key, version, correlationId, ...(schema !== undefined && reads(schema, version) && { schema }) }
}

/** Reads a request (a frame without its length). Nothing where it has no header. */
export function readRequest(frame: Uint8Array): KafkaRequest | undefined {
  const head = readHead(frame)
  if (head === undefined) return undefined
  try {
    const reader = new ByteReader(frame)
    reader.raw(8)
    const length = reader.int16()
    const clientId = length < 0 ? null : reader.raw(length).toString()
    const rest = new ByteReader(reader.rest())
    const bytes = new ByteReader(frame).raw(frame.length).subarray(frame.length - rest.left)
    if (head.schema === undefined) return { ...head, clientId, bytes }
    const body = readBody(
      head.schema.request,
      head.version,
      head.schema,
      rest,
      head.version >= head.schema.flexibleSince,
    )
    return { ...head, clientId, bytes, ...(body !== undefined && { body }) }
  } catch {
    return undefined
  }
}

/**
 * Reads the body of an answer (what follows the correlation id). A broker that does not know the version of an ApiVersions
 * request answers in version 0. Nothing where it is no such answer.
 */
export function readResponse(
  schema: ApiSchema,
  version: number,
  bytes: Uint8Array,
): { readonly body: Tree; readonly version: number } | undefined {
  const header = version >= schema.flexibleSince && schema.key !== VERSIONS
  const body = readBody(schema.response, version, schema, new ByteReader(bytes), header)
  if (body !== undefined && (schema.key !== VERSIONS || body['errorCode'] !== 35)) return { body, version }
  if (schema.key !== VERSIONS || version === 0) return body === undefined ? undefined : { body, version }
  const oldest = readBody(schema.response, 0, schema, new ByteReader(bytes), false)
  return oldest === undefined ? undefined : { body: oldest, version: 0 }
}

function readBody(
  fields: ApiSchema['request'],
  version: number,
  schema: ApiSchema,
  reader: ByteReader,
  header: boolean,
): Tree | undefined {
  try {
    if (header) skipTags(reader)
    const body = readStruct(fields, version, version >= schema.flexibleSince, reader)
    return reader.left === 0 ? body : undefined
  } catch {
    return undefined
  }
}

/** Skips the tagged fields of a header. */
export function skipTags(reader: ByteReader): void {
  for (let left = reader.uvarint(); left > 0; left--) {
    reader.uvarint()
    reader.raw(reader.uvarint())
  }
}

/** Writes an answer as a whole frame. */
export function writeResponse(schema: ApiSchema, version: number, correlationId: number, body: Tree): Buffer {
  const writer = new ByteWriter()
  if (version >= schema.flexibleSince && schema.key !== VERSIONS) writer.uvarint(0)
  writeStruct(schema.response, version, version >= schema.flexibleSince, body, writer)
  return writeFrame(correlationId, writer.done())
}

/** Writes a request as a whole frame. */
export function writeRequest(
  schema: ApiSchema,
  version: number,
  request: { readonly correlationId: number; readonly clientId: string | null; readonly body: Tree },
): Buffer {
  const flexible = version >= schema.flexibleSince
  const writer = new ByteWriter().int16(schema.key).int16(version).int32(request.correlationId)
  if (request.clientId === null) writer.int16(-1)
  else {
    const bytes = Buffer.from(request.clientId)
    writer.int16(bytes.length).raw(bytes)
  }
  if (flexible) writer.uvarint(0)
  writeStruct(schema.request, version, flexible, request.body, writer)
  const frame = writer.done()
  return new ByteWriter().int32(frame.length).raw(frame).done()
}

/** A frame of an answer: its length, the correlation id, what follows. */
export function writeFrame(correlationId: number, rest: Uint8Array): Buffer {
  return new ByteWriter()
    .int32(rest.length + 4)
    .int32(correlationId)
    .raw(rest)
    .done()
}
