import type { Value } from '@keploy-framework/format'

/** Text of a statement in which columns are looked for, at most. */
const LOOKED_AT = 100_000

/** What a statement says of its values. */
export interface SqlValues {
  /** The statement in pieces: those with odd indexes are literals and comments without their marks, the others all else. */
  readonly pieces: readonly string[]
  /** The columns of the literals, in their order; empty if unknown. */
  readonly literals: readonly string[]
  /** The same for parameters, by their place from 0. */
  readonly parameters: readonly string[]
}

const TOKENS =
  /(')((?:[^']+|'')*)('|$)|(")([^"]*)("|$)|(\$(?:[A-Za-z_]\w*)?\$)([^$]*)(\$|$)|(--)([^\n]*)(\n|$)|(\/\*)([^*]*)(\*|$)|()\b(\d{4,})\b()/g
/** A parameter, or the mark of a literal. */
const VALUE = String.raw`(\$\d+|\u0000\d+\u0000)`
const ASSIGNED = new RegExp(
  String.raw`(?:(?<![\w.$\x60\[\]])([\w.$\x60\[\]]+)|\u0000(\d+)\u0000)\s*(?:=|<>|!=|\bi?like\b)\s*(?:\w+\s*\(\s*)?${VALUE}`,
  'gi',
)
const PASSWORD = new RegExp(String.raw`\bpassword\s+${VALUE}`, 'gi')

/**
 * The literals of a statement, and the columns that its values belong to as far as its text tells at a glance: lists of
 * INSERT, comparisons and assignments, and PASSWORD of roles. What has no name here is known as a secret by its form only.
 *
 * @example
 * sqlValues('update users set password = $1 where id = $2').parameters // ['password', 'id']
 */
export function sqlValues(sql: string): SqlValues {
  const known = remembered.get(sql)
  if (known !== undefined) return known
  const values = readValues(sql)
  if (sql.length > REMEMBERED_LENGTH) return values
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(sql, values)
  return values
}

/** Services send the same few statements again and again; those with literals differ each time, and must not fill memory. */
const remembered = new Map<string, SqlValues>()
const REMEMBERED = 256
const REMEMBERED_LENGTH = 4096

function readValues(sql: string): SqlValues {
  const pieces: string[] = []
  let end = 0
  for (const match of sql.matchAll(TOKENS)) {
    const at = match.slice(1).findIndex((group) => group !== undefined)
    const [open = '', text = ''] = match.slice(at + 1)
    pieces.push(sql.slice(end, match.index + open.length), text)
    end = match.index + open.length + text.length
  }
  pieces.push(sql.slice(end))
  const literals: string[] = pieces.filter((_, index) => index % 2 === 1).map(() => '')
  const parameters: string[] = []
  let marks = 0
  // Marks stand in place of literals, so that a question mark or a comma in one means nothing.
  const plain = pieces
    .map((piece, index) => (index % 2 === 1 ? `\u0000${(index - 1) / 2}\u0000` : piece.replaceAll(/['"]/g, '')))
    .join('')
    .slice(0, LOOKED_AT)
    .replaceAll('?', () => `$${(marks += 1)}`)
  const note = (column: string, value: string): void => {
    // oxlint-disable-next-line no-control-regex -- marks where a literal stood
    const quoted = /^\u0000(\d+)\u0000$/.exec(column.trim())?.[1]
    const name = bare(quoted === undefined ? column : (pieces[Number(quoted) * 2 + 1] ?? ''))
    // oxlint-disable-next-line no-control-regex -- marks where a literal stood
    const [, place, literal] = /^\s*(?:\$(\d+)|\u0000(\d+)\u0000)/.exec(value) ?? []
    if (place !== undefined && Number(place) > 0 && Number(place) <= 65_535) parameters[Number(place) - 1] ||= name
    if (literal !== undefined) literals[Number(literal)] ||= name
  }
  for (const [, word = '', quoted, value = ''] of plain.matchAll(ASSIGNED)) {
    note(quoted === undefined ? word : `\u0000${quoted}\u0000`, value)
  }
  for (const [, value = ''] of plain.matchAll(PASSWORD)) note('password', value)
  const insert = /\binto\s+[^\s(]+\s*\(([^()]*)\)[^(]*?\bvalues\b/i.exec(plain)
  if (insert !== null) {
    const columns = (insert[1] ?? '').split(',')
    const rows = plain.slice(insert.index + insert[0].length).matchAll(/\(([^()]*)\)/g)
    for (const [, row = ''] of rows) for (const [at, each] of row.split(',').entries()) note(columns[at] ?? '', each)
  }
  return { pieces, literals, parameters: Array.from(parameters, (name) => name ?? '') }
}

/** The last part of a name, without its quotes. */
function bare(column: string): string {
  return (column.trim().split('.').at(-1) ?? '').replaceAll(/["`[\]]/g, '').toLowerCase()
}

/** The names of fields that stand between the words of a command of Redis; empty for all else. */
export function wordNames(command: string, args: readonly Value[]): readonly string[] {
  if (!/^(?:hset|hmset|hsetnx)$/i.test(command)) return []
  return args.map((_, index) => {
    const before = args[index - 1]
    return index >= 2 && index % 2 === 0 && typeof before === 'string' ? before : ''
  })
}

/** The names of what a command of Redis answers: of a list, each; of one value, the first. */
export function replyNames(request: Value, response: Value): readonly string[] {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return []
  const { command, args } = request as { readonly command?: Value; readonly args?: Value }
  if (typeof command !== 'string' || !Array.isArray(args)) return []
  const names = (args as readonly Value[]).slice(1).map((name) => (typeof name === 'string' ? name : ''))
  if (/^hm?get$/i.test(command)) return names
  if (!/^hgetall$/i.test(command) || !Array.isArray(response)) return []
  const list = response as readonly Value[]
  return list.map((_, index) =>
    index % 2 === 1 && typeof list[index - 1] === 'string' ? (list[index - 1] as string) : '',
  )
}
