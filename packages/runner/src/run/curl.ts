import type { TestRequest } from '@keploy-framework/format'

import { requestPath } from '../send/target.ts'

/**
 * The command that sends a recorded request to the live service by hand, for a POSIX shell. Placeholders of secrets stay
 * what they are.
 */
export function curlCommand(request: TestRequest, origin: string): string {
  const parts = [`curl --request ${quoted(request.method)}`, `--url ${quoted(origin + requestPath(request.url))}`]
  for (const [name, value] of request.headers) {
    if (/^(host|content-length|connection|transfer-encoding|expect)$/i.test(name)) continue
    parts.push(`--header ${quoted(`${name}: ${value}`)}`)
  }
  if (request.body.type === 'text') parts.push(`--data-raw ${quoted(request.body.text)}`)
  return parts.join(' \\\n  ')
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
