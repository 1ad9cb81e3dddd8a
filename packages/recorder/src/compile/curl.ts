import type { TestRequest } from '@keploy-framework/format'

/** Headers that curl sets itself. */
const OWN = new Set(['content-length', 'connection', 'transfer-encoding', 'accept-encoding'])
/** A longer body is named and not written. */
const MAX_BODY = 4096

/** Text as one word of a POSIX shell. */
function quote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** A command line that sends the request again. Secrets stand in it as placeholders. */
export function curlLine(request: TestRequest): string {
  const words = [`curl --request ${quote(request.method)}`, `--url ${quote(request.url)}`]
  for (const [name, value] of request.headers) {
    if (!OWN.has(name.toLowerCase())) words.push(`--header ${quote(`${name}: ${value}`)}`)
  }
  const { body } = request
  if (body.type === 'text') {
    if (body.text.length <= MAX_BODY && !body.text.includes('\0')) words.push(`--data-raw ${quote(body.text)}`)
    else words.push('--data-binary @body.txt')
  } else if (body.type === 'binary') words.push('--data-binary @body.bin')
  return words.join(' \\\n  ')
}
