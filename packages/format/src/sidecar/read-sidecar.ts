import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { parseDocuments } from '../documents/document.ts'
import { writeAtomically } from '../sets/write-atomically.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { own, scalarText } from '../yaml/values.ts'
import { formatSidecar } from './format-sidecar.ts'
import { type Sidecar, sidecarFile, sidecarKind, sidecarVersion } from './sidecar.ts'
import { decodeSidecarV1 } from './versions/v1.ts'

export interface ReadSidecar {
  /** Absent when the set has no `framework.yaml`, or when it can't be read (see `issues`). */
  readonly sidecar?: Sidecar
  readonly issues: InputIssue[]
}

/** One entry per version that was ever written; a later version makes its model from the one before. */
const versions: ReadonlyMap<string, (model: unknown) => Sidecar> = new Map([[sidecarVersion, decodeSidecarV1]])

/** Reads the text of a sidecar. */
export function parseSidecar(text: string, options: { readonly file?: string } = {}): ReadSidecar {
  const file = options.file ?? sidecarFile
  const { documents, issues } = parseDocuments(text, { file })
  const [document] = documents
  if (document === undefined || issues.length > 0) return { issues }
  const version = document.version
  const decode = version === undefined ? undefined : versions.get(version)
  const kind = scalarText(own(document.model, 'kind'))
  if (decode === undefined || kind !== sidecarKind) {
    return {
      issues: [
        {
          code: 'KEPLOY_FORMAT_SIDECAR',
          severity: 'error',
          message: `This is not a ${sidecarKind} of a version that is known (${kind ?? 'no kind'}, ${version ?? 'no version'}).`,
          file,
          path: 'version',
          line: document.line,
          suggestion: 'Update keploy-framework, or take the file from the version that wrote it.',
        },
      ],
    }
  }
  return { sidecar: decode(document.model), issues: [] }
}

/**
 * Reads the `framework.yaml` of a set. A set without one is fine.
 *
 * @example
 * const { sidecar } = await readSidecar('keploy/test-set-0')
 */
export async function readSidecar(setDirectory: string): Promise<ReadSidecar> {
  const path = join(setDirectory, sidecarFile)
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { issues: [] }
    return {
      issues: [
        {
          code: 'KEPLOY_FORMAT_READ',
          severity: 'error',
          message: `This file can't be read: ${(error as Error).message}.`,
          file: sidecarFile,
        },
      ],
    }
  }
  const decoded = decodeText(bytes, sidecarFile)
  return 'issue' in decoded ? { issues: [decoded.issue] } : parseSidecar(decoded.text)
}

/**
 * Writes the `framework.yaml` of a set anew. To change one value of an existing file, use `editDocument`.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_WRITE` when the file can't be written.
 */
export async function writeSidecar(setDirectory: string, sidecar: Sidecar): Promise<string> {
  const path = join(setDirectory, sidecarFile)
  await writeAtomically(path, formatSidecar(sidecar))
  return path
}
