import { canonicalJson } from './extended-json.ts'
import { OPCODES, type Message, type MessageBody } from './message.ts'
import { writeMessage } from './write-message.ts'

/** A message as Keploy's documents have it: a header, and documents as text in canonical extended JSON. */
export function writeDiskMessage(message: Message): { readonly [key: string]: unknown } {
  const { length } = writeMessage(message)
  const { opcode, fields } = writeFields(message.body)
  const { requestId, responseTo } = message
  return { header: { length, requestId, responseTo, Opcode: opcode }, message: fields }
}

function writeFields(body: MessageBody): {
  readonly opcode: number
  readonly fields: { readonly [key: string]: unknown }
} {
  switch (body.type) {
    case 'msg': {
      const sections = body.sequences.map(({ identifier, documents }) => {
        return `{ SectionSingle identifier: ${identifier} , msgs: [ ${documents.map(canonicalJson).join(', ')} ] }`
      })
      const first = `{ SectionSingle msg: ${canonicalJson(body.body)} }`
      return { opcode: OPCODES.msg, fields: { flagBits: body.flags, sections: [first, ...sections], checksum: 0 } }
    }
    case 'query':
      return {
        opcode: OPCODES.query,
        fields: {
          flags: body.flags,
          collection_name: body.collection,
          number_to_skip: body.skip,
          number_to_return: body.limit,
          query: canonicalJson(body.query),
          return_fields_selector: body.fields === undefined ? '' : canonicalJson(body.fields),
        },
      }
    case 'reply':
      return {
        opcode: OPCODES.reply,
        fields: {
          response_flags: body.flags,
          cursor_id: Number(body.cursor),
          starting_from: body.startingFrom,
          number_returned: body.documents.length,
          documents: body.documents.map(canonicalJson),
        },
      }
    case 'legacy':
      return { opcode: 0, fields: {} }
  }
}
