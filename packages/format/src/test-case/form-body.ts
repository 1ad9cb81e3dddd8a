/**
 * Keploy stores the body of `application/x-www-form-urlencoded` requests (that exact content type) URL-decoded, and does
 * not encode it again when it replays it. This encodes it again, so that the service gets what it got.
 *
 * `certain` is set when the recorded `Content-Length` shows that the result is the original; without it the result is
 * the most likely one: a decoded value that holds `&` or `=` can't be told from two values.
 *
 * @example
 * restoreFormBody('name=a b&x=1', 12) // { body: 'name=a b&x=1', certain: true, changed: false }
 * restoreFormBody('q=a/b c', 11) // { body: 'q=a%2Fb+c', certain: …, changed: true }
 */
export function restoreFormBody(
  stored: string,
  contentLength: number | undefined,
): { readonly body: string; readonly certain: boolean; readonly changed: boolean } {
  const size = Buffer.byteLength(stored)
  if (contentLength === size) return { body: stored, certain: true, changed: false }
  const plus = encodeFields(stored, (text) => encodeComponent(text).replaceAll('%20', '+'))
  const candidates = [plus, encodeFields(stored, encodeComponent), encodeFields(stored, encodeURIComponent)]
  const exact = candidates.find((candidate) => candidate.length === contentLength)
  if (exact !== undefined) return { body: exact, certain: true, changed: exact !== stored }
  // Nothing to go by: text that is a valid form as it stands is left alone.
  if (contentLength === undefined && plus === stored) return { body: stored, certain: true, changed: false }
  return { body: plus, certain: false, changed: plus !== stored }
}

function encodeComponent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function encodeFields(text: string, encode: (text: string) => string): string {
  return text
    .split('&')
    .map((field) => {
      const at = field.indexOf('=')
      return at === -1 ? encode(field) : `${encode(field.slice(0, at))}=${encode(field.slice(at + 1))}`
    })
    .join('&')
}
