import type { TestRequest } from '@keploy-framework/format'

import { hasSecret } from './secret-text.ts'

/** Whether a request surely holds no placeholder of a secret, in any writing: then nothing of it has to be read. */
export function isPlain({ url, headers, body, form }: TestRequest): boolean {
  if (form !== undefined || hasSecret(url) || url.includes('%7')) return false
  if (body.type === 'stream' || (body.type === 'text' && mayHold(body.text))) return false
  for (const [, value] of headers) if (hasSecret(value)) return false
  return true
}

/** As it stands, percent-encoded, or escaped in JSON. */
function mayHold(text: string): boolean {
  return hasSecret(text) || text.includes('%7') || text.includes('\\u')
}
