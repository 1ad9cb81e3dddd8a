import { readFile } from 'node:fs/promises'

import type { TestRequest } from '../vocabulary/test-case.ts'
import { resolveInside } from './resolve-inside.ts'

/**
 * The bytes of a test's request body before content encoding, wherever they lie: in the test, or in a file of the set.
 * `undefined` when there is none, or when the body was not kept.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_PATH` when the test names a file outside of its set.
 * @example
 * const bytes = await readRequestBody(set.directory, test.request)
 */
export async function readRequestBody(setDirectory: string, request: TestRequest): Promise<Uint8Array | undefined> {
  if (request.bodyRef !== undefined) return readFile(await resolveInside(setDirectory, request.bodyRef.path))
  switch (request.body.type) {
    case 'text':
      return Buffer.from(request.body.text)
    case 'binary':
      return request.body.bytes
    default:
      return undefined
  }
}
