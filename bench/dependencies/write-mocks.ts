// Makes a set of mocks of a size, as this tool records them: documents of the corpus (`KEPLOY_CORPUS`), or of shapes of
// our own, again and again, each with a request of its own. Nothing of the corpus is kept.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

import {
  formatMappings,
  formatMock,
  readMocks,
  type CallContent,
  type MappedMock,
  type MockKind,
  type Value,
  type YamlValue,
} from '@keploy-framework/format'

import { canonical } from '../../packages/match/src/index.ts'
import { decodeMockSource, findMockCodec, findProtocol, isTree } from '../../packages/wire/src/index.ts'

/** Tests that the calls are shared out to. */
const TESTS = 500
const SMALLEST = 400
const MARK = 'n99999999'
const CONNECTION = 'its-connection'

/** A request of the set, to be asked when it is loaded. */
export interface AskedCall {
  readonly content: CallContent
  readonly dependency: string
  readonly test: string
}

export interface WrittenMocks {
  readonly bytes: number
  readonly documents: number
  /** The one in the middle of the file. */
  readonly middle: AskedCall
}

export async function writeMocks(
  folder: string,
  wanted: { readonly documents: number; readonly bytes: number },
): Promise<WrittenMocks> {
  const shapes = [...(await corpusShapes(process.env['KEPLOY_CORPUS'])), ...ownShapes()]
  await mkdir(folder, { recursive: true })
  const files = new Map<string, ReturnType<typeof createWriteStream>>()
  const tests = new Map<string, MappedMock[]>()
  const average = wanted.bytes / wanted.documents
  const small = shapes.filter(({ size }) => size <= average)
  const large = shapes.filter(({ size }) => size > average)
  let bytes = 0
  let middle: AskedCall | undefined
  for (let index = 0; index < wanted.documents; index++) {
    const from = (bytes < index * average && large.length > 0) || small.length === 0 ? large : small
    const shape = from[index % from.length]!
    const dependency = dependencyOf(shape.content)
    const test = `test-${index % TESTS}`
    const { kind } = shape
    const text = shape.text
      .replaceAll(MARK, numberOf(index))
      .replace('name: mock-', `name: mock-${index}`)
      .replace(CONNECTION, String(index % 8))
    const name = kind === 'Call' ? 'calls.yaml' : 'mocks.yaml'
    const known = files.get(name)
    const file = known ?? createWriteStream(join(folder, name))
    files.set(name, file)
    const piece = known === undefined ? text : `---\n${text}`
    bytes += Buffer.byteLength(piece)
    if (!file.write(piece)) await once(file, 'drain')
    tests.set(test, [...(tests.get(test) ?? []), { name: `mock-${index}`, kind }])
    if (index === Math.floor(wanted.documents / 2)) {
      middle = { content: varied(shape.content, numberOf(index)), dependency, test }
    }
  }
  for (const file of files.values()) await finished(file.end())
  await writeFile(join(folder, 'mappings.yaml'), formatMappings({ testSetId: 'large', tests }))
  return { bytes, documents: wanted.documents, middle: middle! }
}

interface Shape {
  readonly content: CallContent
  readonly kind: MockKind
  readonly size: number
  /** Its document, with marks where every copy has something of its own. */
  readonly text: string
}

function numberOf(index: number): string {
  return `n${String(index).padStart(MARK.length - 1, '0')}`
}

function dependencyOf({ protocol }: CallContent): string {
  return `${protocol} db.internal:5432`
}

/** Nothing for calls whose requests can't be told apart by a text in them. */
function shapeOf(content: CallContent): Shape | undefined {
  const { protocol } = content
  const key = (mark: string): string => canonical(findProtocol(protocol)!.match.key(varied(content, mark).request))
  try {
    const { kind, spec, metadata } = findMockCodec(protocol)!.encode(varied(content, MARK))
    const own = { type: 'mocks', connID: CONNECTION, dependency: dependencyOf(content), operation: content.operation }
    const text = formatMock({
      kind,
      name: 'mock-',
      metadata: { ...own, ...metadata },
      spec,
      requestAt: 1_700_000_000_000,
      responseAt: 1_700_000_000_001,
    })
    const told = text.includes(MARK) && key(MARK) !== key(numberOf(1))
    return told ? { content, kind, size: Buffer.byteLength(text), text } : undefined
  } catch {
    return undefined
  }
}

async function corpusShapes(corpus: string | undefined): Promise<Shape[]> {
  if (corpus === undefined) return []
  const shapes: Shape[] = []
  for (const entry of await readdir(corpus, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name !== 'mocks.yaml') continue
    for await (const { mock } of readMocks(join(entry.parentPath, entry.name))) {
      if (mock === undefined) continue
      const spec = mock.spec as Readonly<Record<string, YamlValue>>
      const decoded = decodeMockSource({ kind: mock.kind, spec, metadata: {}, lifetime: 'test' })
      for (const content of 'calls' in decoded ? decoded.calls : []) {
        const shape = content.request === null || !isTree(content.request) ? undefined : shapeOf(content)
        if (shape !== undefined && shape.size >= SMALLEST) shapes.push(shape)
      }
    }
  }
  return shapes
}

function ownShapes(): Shape[] {
  const rows = (count: number): Value[] =>
    Array.from({ length: count }, (_, index) => ({ id: index, name: `name ${index}`, note: 'x'.repeat(80) }))
  const http = (count: number): CallContent => ({
    protocol: 'http',
    operation: 'GET',
    request: {
      method: 'GET',
      host: 'api.test',
      target: '/items',
      version: '1.1',
      headers: { accept: 'application/json' },
    },
    response: {
      status: 200,
      reason: 'OK',
      version: '1.1',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rows(count)),
    },
    lifetime: 'test',
  })
  const redis: CallContent = {
    protocol: 'redis',
    operation: 'GET',
    request: { command: ['GET', 'user'] },
    response: 'x'.repeat(600),
    lifetime: 'test',
  }
  return [http(10), redis, http(200)].flatMap((content) => shapeOf(content) ?? [])
}

/** The same call with another request: the last text in it has a mark behind it. */
function varied(content: CallContent, mark: string): CallContent {
  const { request } = content
  if (isTree(request) && typeof request['target'] === 'string') {
    const target = `${request['target']}${request['target'].includes('?') ? '&' : '?'}item=${mark}`
    return { ...content, request: { ...request, target } }
  }
  return { ...content, request: withMark(request, mark) ?? request }
}

function withMark(value: Value, mark: string): Value | undefined {
  if (typeof value === 'string') return `${value} ${mark}`
  if (Array.isArray(value)) {
    const list = value as readonly Value[]
    for (let at = list.length - 1; at >= 0; at--) {
      const item = withMark(list[at]!, mark)
      if (item !== undefined) return list.with(at, item)
    }
    return undefined
  }
  if (!isTree(value)) return undefined
  for (const [name, item] of Object.entries(value).reverse()) {
    const changed = withMark(item, mark)
    if (changed !== undefined) return { ...value, [name]: changed }
  }
  return undefined
}
