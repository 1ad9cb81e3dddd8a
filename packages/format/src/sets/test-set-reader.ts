import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { FormatError } from '../errors.ts'
import { applySidecar } from '../sidecar/apply-sidecar.ts'
import { readSidecar } from '../sidecar/read-sidecar.ts'
import { emptySidecar, type Sidecar } from '../sidecar/sidecar.ts'
import { readStream } from '../streams/websocket-stream.ts'
import { type ParsedTestCase, parseTestCase } from '../test-case/decode.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import type { TestCase } from '../vocabulary/test-case.ts'
import { isTestFile } from './list-test-sets.ts'
import { scanTestHeader } from './scan-test.ts'

/** One test of a set, before it is read. */
export interface TestIndexEntry {
  /** The file's name without its ending; the test's own name unless somebody renamed the file. */
  readonly name: string
  /** Relative to the set, with forward slashes. */
  readonly file: string
  /** When the recorded request began, milliseconds since the epoch; 0 when unknown. */
  readonly timestamp: number
  readonly responseTimestamp: number
}

/** A set whose tests are read one at a time. */
export interface TestSetReader {
  readonly name: string
  readonly directory: string
  /** All tests in replay order: request time stamp, response time stamp, number in the name. */
  readonly index: readonly TestIndexEntry[]
  readonly sidecar: Sidecar
  /** What is wrong with the sidecar. What is wrong with a test is said by `read`. */
  readonly issues: readonly InputIssue[]
  /** Reads one test; a file that vanished meanwhile comes back as an issue. */
  read(position: number): Promise<ParsedTestCase>
}

export interface OpenTestSetOptions {
  /** The set's name. Default: the name of its folder. */
  readonly name?: string
}

/**
 * Opens a set without reading its tests in full: only their time stamps are looked at, so that the first test of ten
 * thousand can be sent at once, and memory holds one test at a time.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_NOT_FOUND` when the folder holds no `tests`.
 * @example
 * const reader = await openTestSet('keploy/test-set-0')
 * const { test, issues } = await reader.read(0)
 */
export async function openTestSet(directory: string, options: OpenTestSetOptions = {}): Promise<TestSetReader> {
  const folder = join(directory, 'tests')
  let names: string[]
  try {
    names = (await readdir(folder)).filter(isTestFile)
  } catch (error) {
    throw new FormatError(
      'KEPLOY_FORMAT_NOT_FOUND',
      `There is no test set in ${directory}: it has no folder "tests".`,
      { cause: error },
    )
  }
  const [index, sidecar] = await Promise.all([makeIndex(folder, names), readSidecar(directory)])
  const value = sidecar.sidecar ?? emptySidecar()
  return {
    name: options.name ?? basename(directory),
    directory,
    index,
    sidecar: value,
    issues: sidecar.issues,
    read: (position) => readEntry(directory, index[position], value),
  }
}

async function readEntry(
  directory: string,
  entry: TestIndexEntry | undefined,
  sidecar: Sidecar,
): Promise<ParsedTestCase> {
  if (entry === undefined) throw new RangeError('There is no test at this position of the set.')
  const read = await readTestFile(directory, entry.file)
  if ('issue' in read) return { issues: [read.issue] }
  const parsed = parseTestCase(read.text, { file: entry.file })
  if (parsed.test === undefined) return parsed
  const test = applySidecar(parsed.test, sidecar.tests.get(parsed.test.name))
  const stream = await readStream(directory, sidecar.tests.get(test.name)?.stream)
  if (stream === undefined) return { test, issues: parsed.issues }
  const whole: TestCase = stream.stream === undefined ? test : { ...test, stream: stream.stream }
  return { test: whole, issues: [...parsed.issues, ...stream.issues] }
}

async function readTestFile(
  directory: string,
  file: string,
): Promise<{ readonly text: string } | { readonly issue: InputIssue }> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(join(directory, file))
  } catch (error) {
    return {
      issue: {
        code: 'KEPLOY_FORMAT_READ',
        severity: 'error',
        message: `This file can't be read: ${(error as Error).message}.`,
        file,
      },
    }
  }
  return decodeText(bytes, file)
}

const yieldEvery = 500

async function makeIndex(folder: string, names: readonly string[]): Promise<TestIndexEntry[]> {
  const entries: TestIndexEntry[] = []
  // Synchronous reads of many small files are several times as fast as queued ones; other work gets its turn between.
  const scratch = Buffer.allocUnsafe(64 * 1024)
  for (const [position, name] of names.entries()) {
    if (position % yieldEvery === yieldEvery - 1) await new Promise(setImmediate)
    const header = scanFile(join(folder, name), name, scratch)
    if (header === undefined) continue
    entries.push({
      name: name.replace(/\.[^.]*$/, ''),
      file: `tests/${name}`,
      timestamp: header.requestAt,
      responseTimestamp: header.responseAt,
    })
  }
  return entries.sort(compareEntries)
}

function scanFile(path: string, name: string, scratch: Buffer): { requestAt: number; responseAt: number } | undefined {
  try {
    const text = readWhole(path, scratch)
    return text === undefined ? undefined : scanTestHeader(text, name)
  } catch {
    // Unreadable files keep their place in the index, so that `read` can say what is wrong.
    return { requestAt: 0, responseAt: 0 }
  }
}

/** The text of a file, or `undefined` when the name is that of a folder. */
function readWhole(path: string, scratch: Buffer): string | undefined {
  const file = openSync(path, 'r')
  try {
    let size = readSync(file, scratch, 0, scratch.length, 0)
    if (size < scratch.length) return scratch.toString('utf8', 0, size)
    const whole = Buffer.allocUnsafe(statSync(path).size)
    size = readSync(file, whole, 0, whole.length, 0)
    return whole.toString('utf8', 0, size)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return undefined
    throw error
  } finally {
    closeSync(file)
  }
}

/** Keploy's order: request time stamp, response time stamp, number in the name; then the name itself. */
function compareEntries(a: TestIndexEntry, b: TestIndexEntry): number {
  return (
    a.timestamp - b.timestamp ||
    a.responseTimestamp - b.responseTimestamp ||
    numberIn(a.name) - numberIn(b.name) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  )
}

function numberIn(name: string): number {
  const digits = /(\d{1,15})(?!.*\d)/.exec(name)?.[1]
  return digits === undefined ? 0 : Number(digits)
}
