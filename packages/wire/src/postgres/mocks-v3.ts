import { isRecord, PlainScalar, scalarText, type CallContent, type YamlValue } from '@keploy-framework/format'

import type { DecodedMock, MockSpec } from '../protocol/mock-codec.ts'
import { answerToTree, newResult } from './answer.ts'
import { Cursor } from './bytes.ts'
import type { Cell } from './cells.ts'
import { readColumns } from './columns.ts'
import { intervalText, timeText } from './date-time.ts'
import { readFields } from './fields.ts'
import { requestTree } from './front-messages.ts'
import { listOf, pick, serverMessage, textOf } from './legacy-messages.ts'
import { verbOf } from './sql.ts'

const NULL = '~~KEPLOY_PG_NULL~~'

/** A cell of the kind `PostgresV3`; nothing for forms that are not known. */
export function cellOfV3(value: unknown): Cell | undefined {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return value
  if (typeof value === 'boolean' || (value instanceof PlainScalar && typeof value.value === 'boolean')) {
    return String(value) === 'true' ? 't' : 'f'
  }
  if (!isRecord(value)) return scalarText(value) === NULL ? null : scalarText(value)
  if (value['valid'] !== undefined && textOf(value['valid']) === 'false') return null
  const has = (...keys: string[]): boolean => keys.every((key) => Object.hasOwn(value, key))
  if (has('format', 'bytes')) {
    const bytes = value['bytes']
    if (!(bytes instanceof Uint8Array)) return null
    return textOf(value['format']) === '0' ? Buffer.from(bytes).toString('utf8') : bytes
  }
  if (has('uuid') && value['uuid'] instanceof Uint8Array && value['uuid'].length === 16) {
    return Buffer.from(value['uuid'])
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
  if (has('int', 'exp'))
    return textOf(value['nan']) === 'true' ? 'NaN' : scaled(textOf(value['int']), Number(textOf(value['exp'])))
  const micros = /^-?\d{1,18}$/.test(textOf(value['microseconds'])) ? BigInt(textOf(value['microseconds'])) : undefined
  if (micros === undefined) return undefined
  return has('days', 'months')
    ? intervalText(micros, Number(textOf(value['days'])), Number(textOf(value['months'])))
    : timeText(micros)
}

/** `12345` and `-2` as `123.45`. */
function scaled(digits: string, exponent: number): string | undefined {
  const match = /^(-?)(\d+)$/.exec(digits)
  if (match === null || !Number.isInteger(exponent) || Math.abs(exponent) > 20_000) return undefined
  const whole = match[2] as string
  if (exponent >= 0) return `${match[1] as string}${whole}${'0'.repeat(exponent)}`
  const padded = whole.padStart(1 - exponent, '0')
  return `${match[1] as string}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

function cells(list: unknown): Cell[] | undefined {
  const read = listOf(list).map((value) => cellOfV3(value))
  return read.includes(undefined) ? undefined : (read as Cell[])
}

/** Reads documents of the kind `PostgresV3`: one statement each. */
export function decodePostgresV3(mock: MockSpec & { readonly lifetime: CallContent['lifetime'] }): DecodedMock {
  const outer: unknown = pick(mock.spec, 'postgresV3')
  const type = textOf(pick(outer, 'type'))
  const block = pick(outer, type)
  const sql = textOf(pick(block, 'sqlNormalized') ?? pick(block, 'sql'))
  if (sql === '') return { problem: `postgresV3.${type || 'type'} holds no statement` }
  const params = cells(pick(block, 'bindValues'))
  const response = pick(block, 'response')
  const rows = listOf(pick(response, 'rows')).map((row) =>
    cells(Array.isArray(row) ? row : (pick(row, 'values') as YamlValue)),
  )
  if (params === undefined || rows.includes(undefined))
    return { problem: 'a cell of postgresV3 has a form that is not known' }
  const result = newResult()
  result.rows = rows as Cell[][]
  const described = pick(response, 'rowDescription')
  const columns = serverMessage('T', Array.isArray(described) ? { fields: described } : described)
  if (described !== undefined && described !== null && columns !== undefined) {
    result.columns = readColumns(new Cursor(columns.subarray(5)))
  }
  const tag = pick(response, 'commandComplete')
  if (tag !== undefined && tag !== null)
    result.tag = isRecord(tag) ? textOf(pick(tag, 'command_tag') ?? pick(tag, 'command_tag_type')) : textOf(tag)
  const error = pick(response, 'error')
  const fields = isRecord(error) ? serverMessage('E', error) : undefined
  return {
    calls: [
      {
        protocol: 'postgres',
        operation: verbOf(sql),
        request: requestTree(sql, params),
        response: answerToTree({
          results: fields === undefined || result.columns !== undefined ? [result] : [],
          ...(fields !== undefined && { error: readFields(new Cursor(fields.subarray(5))) }),
        }),
        lifetime: type === 'session' || type === 'catalog' ? 'session' : mock.lifetime,
      },
    ],
  }
}
