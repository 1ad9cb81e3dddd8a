/** Looks up what stands in a template; `undefined` when nothing is known under that name. */
export type TemplateLookup = (name: string) => unknown

export interface FilledText {
  readonly text: string
  /** Names that had no value, in order of appearance. */
  readonly missing: readonly string[]
}

const TEMPLATE = /\{\{\s*(?:(string|int|float)\s+)?\.([A-Za-z0-9_.-]+)\s*\}\}/g

/** Whether a text holds anything that `fillTemplates` would replace. Cheap enough for every body. */
export function hasTemplate(text: string): boolean {
  if (!text.includes('{{')) return false
  TEMPLATE.lastIndex = 0
  return TEMPLATE.test(text)
}

/**
 * Fills Keploy's templates: `{{ .token }}`, `{{string .token}}`, `{{int .id}}`, `{{float .price}}` and
 * `{{string .secret.KEY}}`. A name without a value stays as it is, and is reported.
 *
 * @example
 * fillTemplates('/users/{{int .id}}', () => '7').text // '/users/7'
 */
export function fillTemplates(text: string, lookup: TemplateLookup): FilledText {
  if (!text.includes('{{')) return { text, missing: [] }
  const missing: string[] = []
  const filled = text.replace(TEMPLATE, (whole, type: string | undefined, name: string) => {
    const value = render(lookup(name), type)
    if (value !== undefined) return value
    missing.push(name)
    return whole
  })
  return { text: filled, missing }
}

/** Recorders write `{{` in a URL as `%7B%7B`; only those places are decoded. */
export function decodeTemplatesInUrl(url: string): string {
  if (!url.includes('%7') || !/%7b%7b/i.test(url)) return url
  return url.replace(/%7b%7b(.*?)%7d%7d/gi, (whole) => {
    try {
      return decodeURIComponent(whole.replaceAll('+', ' '))
    } catch {
      return whole
    }
  })
}

function render(value: unknown, type: string | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'object') return type === undefined || type === 'string' ? JSON.stringify(value) : undefined
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  if (type === 'int' || type === 'float') {
    const text = String(value).trim()
    const number = Number(text)
    if (text === '' || Number.isNaN(number)) return undefined
    // The text of an integer is kept: a number beyond 2^53 would change.
    if (type === 'int') return /^[+-]?\d+$/.test(text) ? text : String(Math.trunc(number))
    return text
  }
  return String(value)
}
