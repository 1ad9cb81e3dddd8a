import { createHash } from 'node:crypto'
import { access, mkdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

import { bodyAssetThreshold } from '../defaults.ts'
import { FormatError } from '../errors.ts'
import { sidecarEntry } from '../sidecar/apply-sidecar.ts'
import { formatSidecar } from '../sidecar/format-sidecar.ts'
import { readSidecar } from '../sidecar/read-sidecar.ts'
import { emptySidecar, type Sidecar, sidecarFile } from '../sidecar/sidecar.ts'
import { formatStream } from '../streams/websocket-stream.ts'
import { formatTestCase } from '../test-case/encode.ts'
import type { SecretRecord, TestCase } from '../vocabulary/test-case.ts'
import { assertSetName, nameProblem } from './set-name.ts'
import { writeAtomically } from './write-atomically.ts'

/** A test that is to be written, with what belongs to it. */
export interface NewTest {
  /** Its `name` is that of its file; its `file`, `request.bodyRef` and `request.wireBody` are set by the writer. */
  readonly test: TestCase
  /** A command for people at the end of the file. */
  readonly curl?: string
  /** The encoded request body as received, where encoding it again would give other bytes. */
  readonly wireBody?: Uint8Array
  /** Files that the request's form names (`assets/<test>/<key>/<file>`), by their path within the set. */
  readonly assets?: ReadonlyMap<string, Uint8Array>
}

/** A set that is to be written. */
export interface NewTestSet {
  readonly name: string
  readonly tests: readonly NewTest[]
  readonly secrets?: readonly SecretRecord[]
  /** What else is to stand in `framework.yaml`, by key (`bindings`, `arrayOrder`…). */
  readonly sidecar?: ReadonlyMap<string, unknown>
}

export interface WriteTestSetOptions {
  /** The folder of sets. Default: `keploy`. */
  readonly directory?: string
  /** Replace files of tests that exist already. Default: false, which refuses before anything is written. */
  readonly overwrite?: boolean
}

export interface WrittenTestSet {
  readonly directory: string
  /** Everything that was written, relative to the set's folder, with forward slashes. */
  readonly files: readonly string[]
}

const gitignore = `# Made by each run, or not for others to see.
reports/
*.journal
secret.yaml
`

/**
 * Writes tests as a set: `tests/*.yaml`, `framework.yaml`, `streams/`, `assets/`. Each file appears whole or not at all.
 * Tests may be added to an existing set; existing files are never replaced unless `overwrite` says so.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_SET_NAME`, `KEPLOY_FORMAT_EXISTS`, `KEPLOY_FORMAT_PATH`, `KEPLOY_FORMAT_WRITE`.
 * @example
 * const { files } = await writeTestSet({ name: 'test-set-0', tests: [{ test }] }, { directory: 'keploy' })
 */
export async function writeTestSet(set: NewTestSet, options: WriteTestSetOptions = {}): Promise<WrittenTestSet> {
  assertSetName(set.name)
  const parent = options.directory ?? 'keploy'
  const directory = join(parent, set.name)
  const planned = planFiles(set)
  if (options.overwrite !== true) await refuseExisting(directory, [...planned.files.keys()])
  await makeFolders(parent, directory, [...planned.files.keys()])
  const before = (await readSidecar(directory)).sidecar ?? emptySidecar()
  const sidecar = mergeSidecar(before, planned.sidecar)
  const files: string[] = []
  for (const batch of batches([...planned.files], 32)) {
    await Promise.all(batch.map(([file, content]) => writeAtomically(join(directory, file), content())))
    files.push(...batch.map(([file]) => file))
  }
  await writeAtomically(join(directory, sidecarFile), formatSidecar(sidecar))
  files.push(sidecarFile)
  if (!(await exists(join(parent, '.gitignore')))) await writeAtomically(join(parent, '.gitignore'), gitignore)
  return { directory, files }
}

type Content = () => string | Uint8Array

function planFiles(set: NewTestSet): { files: Map<string, Content>; sidecar: Sidecar } {
  const files = new Map<string, Content>()
  const entries: Sidecar['tests'] extends ReadonlyMap<string, infer T> ? Map<string, T> : never = new Map()
  const add = (file: string, content: Content): void => {
    if (files.has(file)) {
      throw new FormatError('KEPLOY_FORMAT_EXISTS', `Two tests of the set ${set.name} would write ${file}; rename one.`)
    }
    files.set(file, content)
  }
  for (const { test, curl, wireBody, assets } of set.tests) {
    const problem = nameProblem(test.name)
    if (problem !== undefined) {
      throw new FormatError(
        'KEPLOY_FORMAT_PATH',
        `A test can't be called ${JSON.stringify(test.name)}, since its file has its name: ${problem}.`,
      )
    }
    for (const [path, bytes] of assets ?? []) {
      if (!path.startsWith(`assets/${test.name}/`) || path.split(/[/\\]/).includes('..')) {
        throw new FormatError('KEPLOY_FORMAT_PATH', `The asset ${path} must lie in assets/${test.name}/.`)
      }
      add(path, () => bytes)
    }
    const written = withAssets(test, wireBody, add)
    add(`tests/${test.name}.yaml`, () => formatTestCase(written, curl === undefined ? {} : { curl }))
    const streamFile = test.stream === undefined ? undefined : `streams/${test.name}.yaml`
    if (streamFile !== undefined) add(streamFile, () => formatStream(test.name, test.stream!))
    entries.set(test.name, sidecarEntry(written, streamFile))
  }
  return {
    files,
    sidecar: { tests: entries, secrets: set.secrets ?? [], other: new Map(set.sidecar ?? []) },
  }
}

/** The test with large and encoded bodies moved beside it. */
function withAssets(
  test: TestCase,
  wireBody: Uint8Array | undefined,
  add: (file: string, content: Content) => void,
): TestCase {
  let { request } = test
  const bytes = bodyBytes(request.body)
  if (bytes !== undefined && bytes.length > bodyAssetThreshold) {
    const path = `assets/${test.name}/body.txt`
    add(path, () => bytes)
    request = { ...request, body: { type: 'empty' }, bodyRef: { path, size: bytes.length } }
  }
  if (wireBody !== undefined) {
    const path = `assets/${test.name}/body.wire`
    add(path, () => wireBody)
    const sha256 = createHash('sha256').update(wireBody).digest('hex')
    request = { ...request, wireBody: { path, size: wireBody.length, sha256 } }
  }
  return request === test.request ? test : { ...test, request }
}

function bodyBytes(body: TestCase['request']['body']): Uint8Array | undefined {
  if (body.type === 'binary') return body.bytes
  return body.type === 'text' && body.text.length > bodyAssetThreshold / 4 ? Buffer.from(body.text) : undefined
}

/** What was there stays, unless the same test is written again; numbers of secrets are those of the session. */
function mergeSidecar(before: Sidecar, added: Sidecar): Sidecar {
  const numbers = new Set(added.secrets.map((secret) => secret.number))
  return {
    tests: new Map([...before.tests, ...added.tests]),
    secrets: [...before.secrets.filter((secret) => !numbers.has(secret.number)), ...added.secrets].sort(
      (a, b) => a.number - b.number,
    ),
    other: new Map([...before.other, ...added.other]),
  }
}

async function refuseExisting(directory: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (await exists(join(directory, file))) {
      throw new FormatError(
        'KEPLOY_FORMAT_EXISTS',
        `${join(directory, file)} exists already and is not overwritten. Choose another set or test name, or allow overwriting.`,
      )
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/** Makes the folders, and refuses those that lead elsewhere through a link. */
async function makeFolders(parent: string, directory: string, files: readonly string[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
  } catch (error) {
    throw new FormatError('KEPLOY_FORMAT_WRITE', `The folder ${directory} can't be made.`, { cause: error })
  }
  const root = await realpath(parent)
  const folders = new Set(files.map((file) => join(directory, file, '..')))
  for (const folder of [directory, ...folders]) {
    await mkdir(folder, { recursive: true })
    const from = relative(root, await realpath(folder))
    if (from === '..' || from.startsWith(`..${sep}`)) {
      throw new FormatError(
        'KEPLOY_FORMAT_PATH',
        `${folder} leads out of ${parent} through a link; nothing is written.`,
      )
    }
  }
}

function* batches<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
