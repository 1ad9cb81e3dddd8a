import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { parseDocuments } from '../documents/document.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { isRecord, own, scalarNumber, scalarText } from '../yaml/values.ts'

/** One mock that a test used. */
export interface MappedMock {
  readonly name: string
  readonly kind?: string
  /** Unix seconds. */
  readonly timestamp?: number
  readonly requestTimestamp?: string
  readonly responseTimestamp?: string
}

/** Which mocks the tests of a set used. */
export interface Mappings {
  readonly testSetId: string
  readonly tests: ReadonlyMap<string, readonly MappedMock[]>
}

export interface ReadMappings {
  /** Absent when the set has no mappings, or when they can't be read. */
  readonly mappings?: Mappings
  readonly issues: InputIssue[]
}

/** Reads the text of `mappings.yaml`, in its current and its older forms. */
export function parseMappings(text: string, options: { readonly file?: string } = {}): ReadMappings {
  const file = options.file ?? 'mappings.yaml'
  const { documents, issues } = parseDocuments(text, { file })
  const model = documents[0]?.model
  if (issues.length > 0 || documents.length === 0) return { issues }
  const list = own(model, 'tests')
  if (scalarText(own(model, 'kind')) !== 'TestMocksMapping' || !(Array.isArray(list) || list === null)) {
    return {
      issues: [
        {
          code: 'KEPLOY_FORMAT_KIND',
          severity: 'error',
          message: 'This is not a mapping of tests to mocks (kind TestMocksMapping with a list of tests).',
          file,
          line: documents[0]!.line,
        },
      ],
    }
  }
  const tests = new Map<string, readonly MappedMock[]>()
  for (const test of list ?? []) {
    const id = scalarText(own(test, 'id'))
    if (id !== undefined) tests.set(id, decodeEntries(own(test, 'mock_entries') ?? own(test, 'mocks')))
  }
  return { mappings: { testSetId: scalarText(own(model, 'test_set_id')) ?? '', tests }, issues: [] }
}

function decodeEntries(value: unknown): MappedMock[] {
  if (!Array.isArray(value)) {
    return (scalarText(value ?? '') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => ({ name }))
  }
  return value.flatMap((entry) => {
    if (!isRecord(entry)) {
      const name = scalarText(entry)
      return name === undefined || name === '' ? [] : [{ name }]
    }
    const name = scalarText(own(entry, 'name'))
    if (name === undefined) return []
    const kind = scalarText(own(entry, 'kind'))
    const timestamp = scalarNumber(own(entry, 'timestamp'))
    const requestTimestamp = scalarText(own(entry, 'reqTimestampMock'))
    const responseTimestamp = scalarText(own(entry, 'resTimestampMock'))
    return [
      {
        name,
        ...(kind === undefined ? {} : { kind }),
        ...(timestamp === undefined ? {} : { timestamp }),
        ...(requestTimestamp === undefined ? {} : { requestTimestamp }),
        ...(responseTimestamp === undefined ? {} : { responseTimestamp }),
      },
    ]
  })
}

/** Reads the mappings of a set; a set without them is fine. */
export async function readMappings(setDirectory: string): Promise<ReadMappings> {
  for (const file of ['mappings.yaml', 'mappings.yml', 'mappings.json']) {
    let bytes: Uint8Array
    try {
      bytes = await readFile(join(setDirectory, file))
    } catch {
      continue
    }
    const decoded = decodeText(bytes, file)
    return 'issue' in decoded ? { issues: [decoded.issue] } : parseMappings(decoded.text, { file })
  }
  return { issues: [] }
}
