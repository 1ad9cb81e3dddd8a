import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { parseDocuments } from '../documents/document.ts'
import { isMockKind } from '../documents/kinds.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import type { TestSet } from '../vocabulary/test-case.ts'
import { isRecord, own, scalarText } from '../yaml/values.ts'

/** What a set's `config.yaml` says. */
export interface SetConfig {
  readonly scripts: TestSet['scripts']
  readonly templates: TestSet['templates']
  /** Values of `{{ .secret.NAME }}`: those in `config.yaml`, then those in `secret.yaml`. */
  readonly secrets: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  /** In very early sets the file of this name holds mocks. */
  readonly holdsMocks: boolean
  readonly issues: InputIssue[]
}

const nothing: Omit<SetConfig, 'issues'> = {
  scripts: {},
  templates: {},
  secrets: {},
  metadata: {},
  holdsMocks: false,
}

/** Reads the text of a set's `config.yaml` or `config.json`. */
export function parseSetConfig(text: string, options: { readonly file?: string } = {}): SetConfig {
  const { documents, issues } = parseDocuments(text, { file: options.file ?? 'config.yaml' })
  if (documents.some((document) => isMockKind(document.kind))) return { ...nothing, holdsMocks: true, issues }
  const model = documents[0]?.model
  const pre = scalarText(own(model, 'preScript'))
  const post = scalarText(own(model, 'postScript'))
  const appCommand = scalarText(own(model, 'appCommand'))
  return {
    scripts: {
      ...(pre === undefined || pre === '' ? {} : { pre }),
      ...(post === undefined || post === '' ? {} : { post }),
      ...(appCommand === undefined || appCommand === '' ? {} : { appCommand }),
    },
    templates: record(own(model, 'template')),
    secrets: record(own(model, 'secret')),
    metadata: record(own(model, 'metadata')),
    holdsMocks: false,
    issues,
  }
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

/** Reads a set's `config.yaml` (or `.json`) and `secret.yaml`; a set without them is fine. */
export async function readSetConfig(setDirectory: string): Promise<SetConfig> {
  const config = await readFirst(setDirectory, ['config.yaml', 'config.yml', 'config.json'], parseSetConfig)
  const secret = await readFirst(setDirectory, ['secret.yaml', 'secret.yml', 'secret.json'], parseSecrets)
  const base = config ?? { ...nothing, issues: [] }
  if (secret === undefined) return base
  return {
    ...base,
    secrets: { ...base.secrets, ...secret.secrets },
    issues: [...base.issues, ...secret.issues],
  }
}

function parseSecrets(text: string, options: { readonly file: string }): { secrets: object; issues: InputIssue[] } {
  const { documents, issues } = parseDocuments(text, options)
  return { secrets: record(documents[0]?.model), issues }
}

async function readFirst<T extends { issues: InputIssue[] }>(
  directory: string,
  names: readonly string[],
  parse: (text: string, options: { file: string }) => T,
): Promise<T | undefined> {
  for (const file of names) {
    let bytes: Uint8Array
    try {
      bytes = await readFile(join(directory, file))
    } catch {
      continue
    }
    const decoded = decodeText(bytes, file)
    const parsed = parse('text' in decoded ? decoded.text : '', { file })
    return 'issue' in decoded ? { ...parsed, issues: [decoded.issue] } : parsed
  }
  return undefined
}
