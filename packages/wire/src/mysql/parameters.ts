import type { Value } from '@keploy-framework/format'

import { textOrBytes } from '../protocol/value.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { decodeParameter, parameterShape } from './cells.ts'
import { typeName } from './column-types.ts'

/** The type of a parameter as the client named it. */
export interface ParameterType {
  readonly type: number
  readonly unsigned: boolean
  readonly name?: string
}

/** The word for a type: `longlong`, `longlong unsigned`. */
export function parameterTypeText({ type, unsigned }: ParameterType): string {
  return unsigned ? `${typeName(type)} unsigned` : typeName(type)
}

/** Reads the types of parameters; `named` where query attributes were agreed on. */
export function readTypes(cursor: ByteCursor, count: number, named: boolean): ParameterType[] {
  return Array.from({ length: count }, () => {
    const type = cursor.uint(1)
    const unsigned = (cursor.uint(1) & 0x80) !== 0
    return named ? { type, unsigned, name: cursor.string().toString('utf8') } : { type, unsigned }
  })
}

/** Reads the values of parameters. `long`: those that were sent before, piece by piece. */
export function readValues(
  cursor: ByteCursor,
  nulls: Uint8Array,
  types: readonly ParameterType[],
  long: ReadonlyMap<number, Uint8Array> = new Map(),
): Value[] {
  return types.map(({ type, unsigned }, index) => {
    const sent = long.get(index)
    if (sent !== undefined) return textOrBytes(sent)
    if ((((nulls[index >> 3] ?? 0) >> (index & 7)) & 1) === 1) return null
    return decodeParameter(cursor, parameterShape(type, unsigned))
  })
}
