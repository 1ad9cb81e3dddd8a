import { argumentParts } from '../chat/chunks.ts'
import type { AnswerId } from '../chat/completion.ts'
import type { WireError } from '../faults/status-errors.ts'
import type { JsonObject } from '../json.ts'
import type { ResolvedReply } from '../script/resolve-reply.ts'
import { endState, outputItems, responseObject } from './response-object.ts'

/** The events of a streamed response, each as the text that goes on the wire. There is no `[DONE]`. */
export function responseEvents(reply: ResolvedReply, answer: AnswerId, body: JsonObject): string[] {
  const events: string[] = []
  const send = (type: string, fields: object): void => {
    const data = { type, sequence_number: events.length, ...fields }
    events.push(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  const started = responseObject(reply, answer, body, 'in_progress')
  send('response.created', { response: started })
  send('response.in_progress', { response: started })
  for (const [index, item] of outputItems(reply, answer.id).entries()) {
    const at = { item_id: item.id, output_index: index }
    if (item.type === 'function_call') {
      const opened = { ...item, status: 'in_progress', arguments: '' }
      send('response.output_item.added', { output_index: index, item: opened })
      for (const delta of argumentParts(item.arguments)) {
        send('response.function_call_arguments.delta', { ...at, delta })
      }
      send('response.function_call_arguments.done', { ...at, name: item.name, arguments: item.arguments })
    } else {
      send('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } })
      sendPart(reply, item.content[0]!, { ...at, content_index: 0 }, send)
    }
    send('response.output_item.done', { output_index: index, item })
  }
  send(`response.${endState(reply)}`, { response: responseObject(reply, answer, body) })
  return events
}

type Part = Extract<ReturnType<typeof outputItems>[number], { type: 'message' }>['content'][number]

function sendPart(reply: ResolvedReply, part: Part, at: object, send: (type: string, fields: object) => void): void {
  if (part.type === 'refusal') {
    send('response.content_part.added', { ...at, part: { type: 'refusal', refusal: '' } })
    for (const delta of reply.chunks) send('response.refusal.delta', { ...at, delta })
    send('response.refusal.done', { ...at, refusal: part.refusal })
  } else {
    send('response.content_part.added', { ...at, part: { ...part, text: '' } })
    for (const delta of reply.chunks) send('response.output_text.delta', { ...at, delta, logprobs: [] })
    send('response.output_text.done', { ...at, text: part.text, logprobs: [] })
  }
  send('response.content_part.done', { ...at, part })
}

/** The event with which a stream of the Responses API says that something failed. */
export function responseError({ code, message, param }: WireError, sequence: number): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: sequence, code, message, param })}\n\n`
}
