import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { Document } from '../documents/document.ts'
import { isMockKind, isReadableVersion } from '../documents/kinds.ts'
import { decodeHeaders } from '../test-case/headers.ts'
import { parseTimestamp } from '../test-case/timestamp.ts'
import type { HeaderPair } from '../vocabulary/headers.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { isRecord, own, ownAnyCase, scalarNumber, scalarText } from '../yaml/values.ts'
import { headOf, type MockHead } from './mock-head.ts'
import { streamDocuments } from './stream-documents.ts'

/** One recorded call to a dependency. */
export interface MockDocument extends MockHead {
  readonly responseAt: number
  readonly created: number
  /** The rest, as the kind has it. */
  readonly spec: Readonly<Record<string, unknown>>
  /** The document that it was read from, for edits. */
  readonly document: Document
}

/** A mock, or what is wrong with the document that should have been one. */
export interface ReadMock {
  readonly mock?: MockDocument
  readonly issues: InputIssue[]
}

/** Makes a mock of a document. */
export function decodeMock(document: Document): ReadMock {
  const report = (code: string, message: string, path: string): ReadMock => ({
    issues: [
      {
        code,
        severity: 'error',
        message,
        path,
        line: document.line,
        ...(document.file === undefined ? {} : { file: document.file }),
      },
    ],
  })
  if (document.issue !== undefined) return { issues: [document.issue] }
  const { kind, version, model } = document
  if (!isReadableVersion(version)) {
    return report(
      'KEPLOY_FORMAT_VERSION',
      `The version ${version ?? '(none)'} of this document is not known.`,
      'version',
    )
  }
  if (!isMockKind(kind)) {
    return report('KEPLOY_FORMAT_KIND', `No mock is of the kind ${kind ?? '(none)'}.`, 'kind')
  }
  const spec = own(model, 'spec')
  const metadataSource = own(spec, 'metadata')
  const metadata = new Map(
    isRecord(metadataSource)
      ? Object.keys(metadataSource).map((key) => [key, scalarText(own(metadataSource, key)) ?? ''])
      : [],
  )
  const time = (key: string): string | undefined => scalarText(ownAnyCase(spec, key))
  return {
    mock: {
      ...headOf({
        kind,
        version: version!,
        name: document.name ?? '',
        metadata,
        connectionId: scalarText(own(model, 'connectionId')),
        requestTime: time('reqTimestampMock'),
      }),
      responseAt: parseTimestamp(time('resTimestampMock')),
      created: scalarNumber(ownAnyCase(spec, 'created')) ?? 0,
      spec: isRecord(spec) ? spec : {},
      document,
    },
    issues: [],
  }
}

/**
 * Reads the mocks of a file one after the other, in constant memory, whatever its size. Each document is parsed when it
 * is reached.
 *
 * @example
 * for await (const { mock, issues } of readMocks('keploy/test-set-0/mocks.yaml')) console.log(mock?.name, issues)
 */
export async function* readMocks(file: string): AsyncGenerator<ReadMock> {
  if (file.endsWith('.gob')) {
    yield { issues: [gobIssue(file)] }
    return
  }
  try {
    for await (const document of streamDocuments(createReadStream(file, { highWaterMark: 1024 * 1024 }), {
      file: basename(file),
    })) {
      yield document instanceof Document ? decodeMock(document) : { issues: [document] }
    }
  } catch (error) {
    yield { issues: [unreadable(file, error)] }
  }
}

/** What is wrong with mocks in an encoding that only Go programs read. */
export function gobIssue(file: string): InputIssue {
  return {
    code: 'KEPLOY_FORMAT_GOB',
    severity: 'error',
    message: "These mocks are a stream of Go's gob encoding, which only the Keploy that wrote it can read.",
    file: basename(file),
    suggestion: 'Record again with `record.mockFormat: yaml`.',
  }
}

/** What is wrong with a file that the system does not give. */
export function unreadable(file: string, error: unknown): InputIssue {
  return {
    code: 'KEPLOY_FORMAT_READ',
    severity: 'error',
    message: `This file can't be read: ${(error as Error).message}.`,
    file: basename(file),
  }
}

/** The files of a set that hold mocks, in the order in which Keploy prefers them. */
export async function findMockFiles(setDirectory: string): Promise<string[]> {
  const found: string[] = []
  for (const name of ['mocks.gob', 'mocks.yaml', 'mocks.yml', 'mocks.json']) {
    const path = join(setDirectory, name)
    try {
      await access(path)
      found.push(path)
    } catch {
      continue
    }
  }
  return found
}

/** What the request and response of an `Http` mock say; they have the shape of a test's. */
export function httpMockHeaders(mock: MockDocument, half: 'req' | 'resp'): HeaderPair[] {
  return decodeHeaders(own(own(mock.spec, half), 'header'))
}
