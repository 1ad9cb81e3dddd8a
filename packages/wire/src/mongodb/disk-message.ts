import { isRecord, scalarNumber, scalarText, type Value } from '@keploy-framework/format'

import { toValue } from '../protocol/value.ts'
import { parseExtendedJson } from './extended-json.ts'
import { OPCODES, type MessageBody, type Sequence, type Tree } from './message.ts'

/** A message of a document. Operations that are read nowhere else have only their fields. */
export interface DiskMessage {
  readonly opcode: number
  readonly body?: MessageBody
  readonly fields: Tree
}

type Problem = { readonly problem: string }

/** Reads a list of messages of a document of the kind `Mongo`, whatever the case of its names. */
export function readDiskMessages(spec: unknown, name: string): { readonly messages: readonly DiskMessage[] } | Problem {
  const list = field(spec, name)
  if (list === undefined || list === null) return { messages: [] }
  if (!Array.isArray(list)) return { problem: `spec.${name} is no list` }
  const messages: DiskMessage[] = []
  for (const entry of list as unknown[]) {
    const message = readOne(entry)
    if ('problem' in message) return { problem: `spec.${name}: ${message.problem}` }
    messages.push(message)
  }
  return { messages }
}

function readOne(entry: unknown): DiskMessage | Problem {
  const opcode = scalarNumber(field(field(entry, 'header'), 'opcode'))
  if (opcode === undefined) return { problem: 'header.Opcode is no number' }
  const fields = field(entry, 'message')
  if (!isRecord(fields)) return { problem: 'message is no mapping' }
  const tree = toValue(fields as never) as Tree
  if (opcode === OPCODES.msg) return finish(opcode, tree, readMsg(fields))
  if (opcode === OPCODES.query) return finish(opcode, tree, readQuery(fields))
  if (opcode === OPCODES.reply) return finish(opcode, tree, readReply(fields))
  return { opcode, fields: tree }
}

function finish(opcode: number, fields: Tree, body: MessageBody | Problem): DiskMessage | Problem {
  return 'problem' in body ? body : { opcode, body, fields }
}

function readMsg(fields: unknown): MessageBody | Problem {
  const sections = field(fields, 'sections')
  if (!Array.isArray(sections)) return { problem: 'message.sections is no list' }
  let body: Tree | undefined
  const sequences: Sequence[] = []
  for (const section of sections as unknown[]) {
    const text = scalarText(section) ?? ''
    const single = /^\s*\{?\s*SectionSingle\s+msg:\s*(\{.*\})\s*\}\s*$/s.exec(text)
    if (single !== null) {
      body = parseExtendedJson(single[1] as string)
      if (body === undefined) return { problem: 'a section of message.sections is no extended JSON' }
      continue
    }
    const sequence = readSequence(text)
    if (sequence === undefined) return { problem: 'a section of message.sections is neither a document nor a sequence' }
    sequences.push(sequence)
  }
  if (body === undefined) return { problem: 'message.sections has no document' }
  return { type: 'msg', flags: numberOf(fields, 'flagBits'), body, sequences }
}

function readSequence(text: string): Sequence | undefined {
  const parts = /^\s*\{?\s*Section\w+\s+identifier:\s*(\S+?)\s*,\s*msgs:\s*\[(.*)\]\s*\}\s*$/s.exec(text)
  if (parts === null) return undefined
  const list = parseExtendedJson(`{"list":[${parts[2] as string}]}`)?.['list']
  return Array.isArray(list) ? { identifier: parts[1] as string, documents: list as readonly Tree[] } : undefined
}

function readQuery(fields: unknown): MessageBody | Problem {
  const query = parseExtendedJson(textOf(fields, 'query'))
  if (query === undefined) return { problem: 'message.query is no extended JSON' }
  const selector = parseExtendedJson(textOf(fields, 'return_fields_selector'))
  return {
    type: 'query',
    flags: numberOf(fields, 'flags'),
    collection: textOf(fields, 'collection_name'),
    skip: numberOf(fields, 'number_to_skip'),
    limit: numberOf(fields, 'number_to_return'),
    query,
    ...(selector !== undefined && { fields: selector }),
  }
}

function readReply(fields: unknown): MessageBody | Problem {
  const list = field(fields, 'documents')
  if (!Array.isArray(list)) return { problem: 'message.documents is no list' }
  const documents = (list as unknown[]).map((item) => parseExtendedJson(scalarText(item) ?? ''))
  if (documents.includes(undefined)) return { problem: 'a document of message.documents is no extended JSON' }
  const cursor = scalarText(field(fields, 'cursor_id')) ?? '0'
  return {
    type: 'reply',
    flags: numberOf(fields, 'response_flags'),
    cursor: /^-?\d{1,19}$/.test(cursor) ? BigInt(cursor) : 0n,
    startingFrom: numberOf(fields, 'starting_from'),
    documents: documents as Tree[],
  }
}

const numberOf = (value: unknown, name: string): number => scalarNumber(field(value, name)) ?? 0
const textOf = (value: unknown, name: string): string => scalarText(field(value, name)) ?? ''

function field(value: unknown, name: string): unknown {
  if (!isRecord(value)) return undefined
  if (Object.hasOwn(value, name)) return value[name]
  const wanted = name.toLowerCase()
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === wanted)
  return key === undefined ? undefined : value[key]
}

/** The tree of a document in a field of a message, when it is text in extended JSON; else the field as it is. */
export function documentOf(value: Value): Value {
  return typeof value === 'string' ? (parseExtendedJson(value) ?? value) : value
}
