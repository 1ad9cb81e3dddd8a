import { isRecord, scalarNumber, scalarText } from '@keploy-framework/format'

import { cstring, int16, int32, message, sized } from './bytes.ts'
import { writeColumns } from './columns.ts'
import { writeFields } from './fields.ts'

/** A property, whatever the case of its letters and its underscores. */
export function pick(value: unknown, name: string): unknown {
  if (!isRecord(value)) return undefined
  const wanted = name.replaceAll('_', '').toLowerCase()
  const key = Object.keys(value).find((key) => key.replaceAll('_', '').toLowerCase() === wanted)
  return key === undefined ? undefined : value[key]
}

export const textOf = (value: unknown): string => scalarText(value) ?? ''
const numberOf = (value: unknown): number => scalarNumber(value) ?? 0
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const numbers = (value: unknown): Buffer[] => {
  const list = listOf(value)
  return [int16(list.length), ...list.map((item) => int16(numberOf(item)))]
}

/** How Keploy marks values of rows that are no text. */
const BASE64 = /^b64:((?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?)$/

/** Bytes as Keploy's structures have them: a list of numbers, `!!binary`, marked base64 or text. */
function bytesOfStruct(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return Buffer.from((value as unknown[]).map((item) => numberOf(item)))
  const text = textOf(value)
  const marked = BASE64.exec(text)?.[1]
  return marked === undefined ? Buffer.from(text, 'utf8') : Buffer.from(marked, 'base64')
}

/** A text that may stand as the list of its bytes, as in old documents. */
function textOfBytes(value: unknown): string {
  return Array.isArray(value) ? Buffer.from(bytesOfStruct(value) ?? []).toString('utf8') : textOf(value)
}

const errorNames: Readonly<Record<string, string>> = {
  severity: 'S',
  severityunlocalized: 'V',
  code: 'C',
  message: 'M',
  detail: 'D',
  hint: 'H',
  position: 'P',
  internalposition: 'p',
  internalquery: 'q',
  where: 'W',
  schemaname: 's',
  tablename: 't',
  columnname: 'c',
  datatypename: 'd',
  constraintname: 'n',
  file: 'F',
  line: 'L',
  routine: 'R',
}

function fieldsOf(value: unknown): { [letter: string]: string } {
  const fields: { [letter: string]: string } = {}
  for (const [key, field] of isRecord(value) ? Object.entries(value) : []) {
    const known = key.replaceAll('_', '').toLowerCase()
    const letter = Object.hasOwn(errorNames, known) ? errorNames[known] : undefined
    const text = textOf(field)
    if (letter !== undefined && text !== '' && text !== '0') fields[letter] = text
  }
  return fields
}

/** Writes a message of a client that stands as a structure of Keploy's; nothing for a letter that is not known. */
export function clientMessage(letter: string, tree: unknown): Buffer | undefined {
  const named = (name: string): Buffer => cstring(textOf(pick(tree, name)))
  switch (letter) {
    case 'Q':
      return message('Q', named('string'))
    case 'P': {
      const oids = listOf(pick(tree, 'parameter_oids'))
      return message('P', named('name'), named('query'), int16(oids.length), ...oids.map((oid) => int32(numberOf(oid))))
    }
    case 'B': {
      const values = listOf(pick(tree, 'parameters'))
      return message(
        'B',
        named('destination_portal'),
        named('prepared_statement'),
        ...numbers(pick(tree, 'parameter_format_codes')),
        int16(values.length),
        ...values.map((value) => sized(bytesOfStruct(value))),
        ...numbers(pick(tree, 'result_format_codes')),
      )
    }
    case 'D':
    case 'C':
      return message(letter, Buffer.from([numberOf(pick(tree, 'object_type')) || 0x53]), named('name'))
    case 'E':
      return message('E', named('portal'), int32(numberOf(pick(tree, 'max_rows'))))
    case 'S':
    case 'H':
    case 'X':
      return message(letter)
    default:
      return undefined
  }
}

/** Writes a message of a server that stands as a structure of Keploy's; nothing for a letter that is not known. */
export function serverMessage(letter: string, tree: unknown): Buffer | undefined {
  const text = (name: string): Buffer => cstring(textOf(pick(tree, name)))
  switch (letter) {
    case '1':
    case '2':
    case '3':
    case 'n':
    case 'I':
    case 's':
      return message(letter)
    case 't': {
      const oids = listOf(pick(tree, 'parameteroids'))
      return message('t', int16(oids.length), ...oids.map((oid) => int32(numberOf(oid))))
    }
    case 'T': {
      const columns = listOf(pick(tree, 'fields')).map((field) => ({
        name: textOfBytes(pick(field, 'field_name') ?? pick(field, 'name')),
        table: numberOf(pick(field, 'table_oid')),
        column: numberOf(pick(field, 'table_attribute_number')),
        type: numberOf(pick(field, 'data_type_oid')),
        size: numberOf(pick(field, 'data_type_size')),
        modifier: numberOf(pick(field, 'type_modifier')),
        binary: numberOf(pick(field, 'format')) === 1,
      }))
      return writeColumns(columns)
    }
    case 'D': {
      const values = listOf(pick(tree, 'row_values') ?? pick(tree, 'values'))
      return message('D', int16(values.length), ...values.map((value) => sized(bytesOfStruct(value))))
    }
    case 'C':
      return message('C', cstring(textOfBytes(pick(tree, 'command_tag_type') ?? pick(tree, 'command_tag'))))
    case 'Z':
      return message('Z', Buffer.from([numberOf(pick(tree, 'txstatus')) || 0x49]))
    case 'S':
      return message('S', text('name'), text('value'))
    case 'E':
    case 'N':
      return writeFields(letter, fieldsOf(tree))
    default:
      return undefined
  }
}
