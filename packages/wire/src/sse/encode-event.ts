import type { ServerSentEvent } from './parse-events.ts'

function lines(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return value
    .split(/\r\n|\r|\n/)
    .map((line) => `${name}: ${line}\n`)
    .join('')
}

/**
 * Writes one event as `text/event-stream`. Line ends inside a one-line field are written as spaces, so that no value can
 * forge another field.
 *
 * @example
 * encodeEvent({ id: '1', data: 'hello' }) // 'id: 1\ndata: hello\n\n'
 */
export function encodeEvent(event: ServerSentEvent): string {
  const single = (name: string, value: string | undefined) => lines(name, value?.replaceAll(/[\r\n]+/g, ' '))
  return `${lines('', event.comment)}${single('event', event.event)}${single('id', event.id)}${single('retry', event.retry)}${lines('data', event.data)}\n`
}
