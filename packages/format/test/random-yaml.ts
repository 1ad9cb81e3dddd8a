import fc from 'fast-check'

// Random documents in the shapes that people, Go's library and other tools write: every quoting style, block scalars
// with all indicators, comments, anchors, flow collections over several lines, odd keys, both line ends.

export type Tree =
  | { type: 'scalar'; text: string; value: unknown }
  | { type: 'block'; header: string; lines: string[] }
  | { type: 'map'; flow: boolean; entries: [key: string, value: Tree][]; comments: boolean }
  | { type: 'list'; flow: boolean; items: Tree[] }

const word = fc.constantFrom(
  'a',
  'status',
  'X-Id',
  'header.Date',
  'user agent',
  'ключ',
  '日本',
  'k_1',
  '__proto__',
  '200',
)
const plainText = fc.constantFrom(
  'abc',
  'two words',
  'http://x.io/a?b=c&d=*',
  'a:b',
  'x#y',
  '*/*x',
  '-1',
  '3.50',
  '007',
  '1e3',
  'true',
  'Yes',
  'null',
  '~',
  '0x1F',
  '9007199254740993',
  '2024-01-02',
  '2026-07-17T09:10:53.449166379Z',
  '{{ .token }}x',
  '😀',
  '-',
  'é',
  '!x',
)
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '\t',
      '"',
      "'",
      '\\',
      '#',
      ':',
      '{',
      ',',
      '\u0000',
      '\u001b',
      '\u0085',
      '\u2028',
      '\ufeff',
      '\u007f',
      '\r',
      '😀',
    ),
    maxLength: 12,
  }),
)
const printable = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', ':', '#', '{', '"', "'", '-', '|', 'é', '😀', '\\', '%'),
  maxLength: 30,
})

const single = printable.map((text): Tree => ({ type: 'scalar', text: `'${text.replaceAll("'", "''")}'`, value: text }))
const double = anyText.map((text): Tree => ({
  type: 'scalar',
  text: JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/g, (char) =>
    /[\ud800-\udfff]/.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ),
  value: text,
}))
const plain = plainText
  .filter((text) => !/^(?:-|\*|!|\{)/.test(text))
  .map((text): Tree => ({ type: 'scalar', text, value: undefined }))
const empty = fc.constant<Tree>({ type: 'scalar', text: '', value: null })

const blockLine = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    '{"a": 1}',
    '# no comment',
    '- no item',
    'k: v',
    '\ttab',
    '  deeper',
    '"q',
    'long '.repeat(40),
  ),
  printable,
)
const block = fc
  .record({
    style: fc.constantFrom('|', '>'),
    chomp: fc.constantFrom('', '-', '+'),
    hint: fc.boolean(),
    lines: fc.array(blockLine, { minLength: 1, maxLength: 5 }),
    blanks: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ style, chomp, hint, lines, blanks }): Tree => {
    const first = lines.find((line) => line.trim() !== '')
    // Without the hint, the first line's own white space would be taken for indentation.
    const needed = hint || first === undefined || /^\s/.test(lines.find((line) => line !== '') ?? ' ')
    return {
      type: 'block',
      header: `${style}${needed ? 'N' : ''}${chomp}`,
      lines: [...lines.map((line) => (line.trim() === '' ? '' : line)), ...Array.from({ length: blanks }, () => '')],
    }
  })

const scalar = fc.oneof(single, double, plain)

const flowTree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(single, double),
    fc.array(tie('tree'), { maxLength: 3 }).map((items): Tree => ({ type: 'list', flow: true, items })),
    fc
      .uniqueArray(fc.tuple(word, tie('tree')), { maxLength: 3, selector: ([key]) => key })
      .map((entries): Tree => ({ type: 'map', flow: true, entries, comments: false })),
  ),
})).tree

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(scalar, block, empty, flowTree),
    fc.array(tie('tree'), { minLength: 1, maxLength: 4 }).map((items): Tree => ({ type: 'list', flow: false, items })),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(word, tie('tree')), { minLength: 1, maxLength: 5, selector: ([key]) => key }),
        fc.boolean(),
      )
      .map(([entries, comments]): Tree => ({ type: 'map', flow: false, entries, comments })),
  ),
})).tree

/** The text of a random document whose top is a mapping. */
export const randomDocument: fc.Arbitrary<string> = fc
  .record({
    entries: fc.uniqueArray(fc.tuple(word, tree), { minLength: 1, maxLength: 6, selector: ([key]) => key }),
    step: fc.constantFrom(2, 4),
    crlf: fc.boolean(),
    marker: fc.constantFrom('', '---\n', '--- # first\n', '# comment\n---\n'),
    end: fc.constantFrom('', '...\n', '# end\n', '\n'),
    comments: fc.boolean(),
    lastNewline: fc.boolean(),
  })
  .map(({ entries, step, crlf, marker, end, comments, lastNewline }) => {
    const body = write({ type: 'map', flow: false, entries, comments }, 0, step)
    let text = `${marker}${body}${end}`
    if (!lastNewline && end === '') text = text.replace(/\n$/, '')
    return crlf ? text.replaceAll('\n', '\r\n') : text
  })

function write(node: Tree, indent: number, step: number): string {
  const pad = ' '.repeat(indent)
  if (node.type === 'list' && !node.flow) {
    return node.items
      .map((item) => {
        if ((item.type === 'map' || item.type === 'list') && !item.flow) {
          return `${pad}-\n${write(item, indent + step, step)}`
        }
        return `${pad}-${inline(item, indent, step)}`
      })
      .join('')
  }
  if (node.type === 'map' && !node.flow) {
    return node.entries
      .map(([key, value], index) => {
        const comment = node.comments && index % 2 === 1 ? `${pad}# about ${key}\n` : ''
        const name = /^[\w.-]+$/.test(key) ? key : JSON.stringify(key)
        if ((value.type === 'map' || value.type === 'list') && !value.flow) {
          return `${comment}${pad}${name}:\n${write(value, indent + step, step)}`
        }
        return `${comment}${pad}${name}:${inline(value, indent, step)}`
      })
      .join('')
  }
  return inline(node, indent, step)
}

function inline(node: Tree, indent: number, step: number): string {
  if (node.type === 'block') {
    const header = node.header.replace('N', String(step))
    const pad = ' '.repeat(indent + step)
    return ` ${header}\n${node.lines.map((line) => `${line === '' ? '' : pad + line}\n`).join('')}`
  }
  if (node.type === 'scalar')
    return node.text === '' ? '\n' : ` ${node.text}${node.text.length % 3 === 0 ? '  # why' : ''}\n`
  return ` ${flow(node, indent + step)}\n`
}

function flow(node: Tree, indent: number): string {
  const pad = ' '.repeat(indent)
  if (node.type === 'scalar') return node.text
  if (node.type === 'list') return `[${node.items.map((item) => flow(item, indent)).join(', ')}]`
  if (node.type === 'map') {
    const inner = node.entries.map(([key, value]) => `${JSON.stringify(key)}: ${flow(value, indent)}`)
    return node.entries.length > 1
      ? `{\n${inner.map((line) => pad + line).join(',\n')}\n${pad}}`
      : `{ ${inner.join('')} }`
  }
  return '""'
}

/** Values that anything can be set to. */
export const randomScalar = fc.oneof(
  anyText,
  plainText,
  fc.constantFrom(
    '',
    ' ',
    '\n',
    'one\n',
    'one\ntwo',
    'a\n\n\n',
    '\n\nlead',
    ' lead\nx',
    'trail \nx',
    '\t',
    '- x',
    '? x',
    ': x',
    '---',
    '...',
  ),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value))),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
)
