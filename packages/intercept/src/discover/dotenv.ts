/** One variable of a `.env` file. */
export interface DotenvEntry {
  readonly name: string
  readonly value: string
  /** Single quotes keep `$` as it is. */
  readonly literal: boolean
}

const LINE =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:=[ \t]*|:[ \t]+)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)[ \t]*(?:#[^\r\n]*)?\r?$/gm

/** Reads a `.env` file as dotenv libraries do: quotes, `export`, comments, values over several lines. Other lines are passed over. */
export function parseDotenv(text: string): DotenvEntry[] {
  return [...text.matchAll(LINE)].map(([, name = '', raw = '']) => {
    const quote = /^(['"`])[\s\S]*\1$/.exec(raw.trim())?.[1]
    if (quote === undefined) return { name, value: raw.trim(), literal: false }
    const inner = raw.trim().slice(1, -1)
    const value =
      quote === '"'
        ? inner
            .replaceAll(String.raw`\n`, '\n')
            .replaceAll(String.raw`\r`, '\r')
            .replaceAll(String.raw`\"`, '"')
        : inner
    return { name, value, literal: quote === "'" }
  })
}

/** The longest value that expansion makes; what would be longer stays as it is written. */
const MAX_EXPANDED = 65_536

/**
 * The variables of `.env` files, the later file over the earlier one, with `$NAME`, `${NAME}` and `${NAME:-default}`
 * replaced; a variable of the environment goes before one of a file.
 */
export function expandDotenv(
  files: readonly { readonly name: string; readonly text: string }[],
  environment: Readonly<Record<string, string | undefined>>,
): Map<string, { readonly value: string; readonly file: string }> {
  const found = new Map<string, { value: string; file: string }>()
  const known = (name: string): string | undefined =>
    Object.hasOwn(environment, name) ? environment[name] : found.get(name)?.value
  for (const file of files) {
    for (const { name, value, literal } of parseDotenv(file.text)) {
      found.set(name, { value: literal ? value : expand(value, known), file: file.name })
    }
  }
  return found
}

function expand(value: string, known: (name: string) => string | undefined): string {
  const result = value.replaceAll(
    /\\\$|\$\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (whole, braced?: string, fallback?: string, bare?: string) => {
      if (whole === String.raw`\$`) return '$'
      const found = known(braced ?? bare ?? '')
      return found === undefined || found === '' ? (fallback ?? found ?? '') : found
    },
  )
  return result.length > MAX_EXPANDED ? value : result
}
