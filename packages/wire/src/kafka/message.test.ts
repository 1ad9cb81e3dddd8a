import type { Value } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { readRequest, readResponse, writeRequest, writeResponse } from './message.ts'
import { apis } from './schemas/apis.ts'
import { parseFields, type Field } from './schemas/schema.ts'
import type { Tree } from './struct.ts'

/** A message with every field that a version has, each with a value of its own. */
function sample(fields: readonly Field[], version: number, flexible: boolean): Tree {
  const known = fields.filter(
    ({ since, until, tag }) => version >= since && version <= until && (tag === undefined || flexible),
  )
  return Object.fromEntries(
    known.map((field, index) => [
      field.name,
      field.array
        ? [one(field, version, flexible, index), one(field, version, flexible, index + 1)]
        : one(field, version, flexible, index),
    ]),
  )
}

function one(field: Field, version: number, flexible: boolean, seed: number): Value {
  switch (field.type) {
    case 'bool':
      return seed % 2 === 0
    case 'string':
      return `${field.name} ${seed} é`
    case 'bytes':
      return new Uint8Array([0xff, seed])
    case 'records':
      return new Uint8Array([seed, 0xfe])
    case 'uuid':
      return Buffer.alloc(16, seed + 1).toString('base64url')
    case 'int64':
      return seed % 2 === 0 ? '9007199254740993' : seed
    case 'struct':
      return sample(field.fields, version, flexible)
    default:
      return seed + 1
  }
}

const versions = [...apis.values()].flatMap((schema) => {
  const [least, most] = schema.versions
  return Array.from({ length: most - least + 1 }, (_, index) => ({ name: schema.name, schema, version: least + index }))
})

describe('messages', () => {
  it.each(versions)('$name $version are read as they were written', ({ schema, version }) => {
    const flexible = version >= schema.flexibleSince
    const body = sample(schema.request, version, flexible)
    const frame = writeRequest(schema, version, { correlationId: 5, clientId: 'c', body })
    expect(readRequest(frame.subarray(4))).toMatchObject({
      key: schema.key,
      version,
      correlationId: 5,
      clientId: 'c',
      body,
    })
    // An error in the answer to ApiVersions says that it is of version 0.
    const answer = sample(schema.response, version, flexible)
    const written = writeResponse(schema, version, 5, answer)
    expect(written.readInt32BE()).toBe(written.length - 4)
    expect(readResponse(schema, version, written.subarray(8))).toEqual({ body: answer, version })
  })

  it('keep tagged fields that are not known', () => {
    const schema = apis.get(3)
    if (schema === undefined) throw new Error('no Metadata')
    const body = { ...sample(schema.response, 9, true), tag77: new Uint8Array([1, 2]) }
    expect(readResponse(schema, 9, writeResponse(schema, 9, 1, body).subarray(8))?.body).toEqual(body)
  })

  it('of other lengths are not read, and nothing throws', { timeout: 30_000 }, () => {
    // The newest version of each form: with lengths of fixed size, and compact ones.
    const telling = versions.filter(
      ({ schema, version }) => version === schema.versions[1] || version === schema.flexibleSince - 1,
    )
    for (const { schema, version } of telling) {
      const frame = writeRequest(schema, version, {
        correlationId: 5,
        clientId: 'c',
        body: sample(schema.request, version, version >= schema.flexibleSince),
      })
      for (let length = 4; length < frame.length; length++)
        expect(readRequest(frame.subarray(4, length))?.body).toBeUndefined()
      expect(readRequest(Buffer.concat([frame.subarray(4), Buffer.from([0])]))?.body).toBeUndefined()
    }
  })

  it('have declarations without mistakes', () => {
    expect(() => parseFields('a int32 1..2')).toThrow('a int32 1..2')
  })
})
