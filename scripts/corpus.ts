// `pnpm corpus`: shows on real recordings that nothing is lost. Every document of every file in the folder that
// KEPLOY_CORPUS names is (1) edited, scalar by scalar, with a diff of exactly the lines of that scalar, and (2) written
// anew from its model and read again as the same model. Every mock is (3) decoded into calls and written anew, and the
// calls that this gives again are the same. The last line is `N documents, N failed`.
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { decodeText, parseDocuments } from '../packages/format/src/index.ts'
import { CallProof } from './corpus/calls.ts'
import { classify } from './corpus/classify.ts'
import { findFiles } from './corpus/find-files.ts'
import { checkDocument, checkFile, type Problem } from './corpus/proofs.ts'

const { values } = parseArgs({ options: { scalars: { type: 'string', default: '12' }, verbose: { type: 'boolean' } } })
const folder = process.env['KEPLOY_CORPUS']
if (folder === undefined || folder === '') {
  console.error('KEPLOY_CORPUS names no folder of recordings, so there is nothing to check. Set it to such a folder.')
  process.exit(2)
}
const root = resolve(folder)
let files: string[]
try {
  files = findFiles(root)
} catch (error) {
  console.error(`The folder ${folder} (KEPLOY_CORPUS) can't be read: ${(error as Error).message}`)
  process.exit(2)
}

const scalars = Number(values.scalars)
const kinds = new Map<string, number>()
const foreign = new Map<string, number>()
const proof = new CallProof()
let documents = 0
let failed = 0
let edits = 0
let bytes = 0
let readMs = 0
let proofMs = 0
let foreignProblems = 0

for (const path of files) {
  const file = relative(root, path)
  const content = readFileSync(path)
  const decoded = decodeText(content, file)
  const start = performance.now()
  const parsed = 'text' in decoded ? parseDocuments(decoded.text, { file }) : { documents: [], issues: [decoded.issue] }
  for (const document of parsed.documents) void document.model
  readMs += performance.now() - start
  bytes += content.length
  const problems: Problem[] = 'text' in decoded ? checkFile(decoded.text, parsed.documents, file) : []
  const isKeploys = parsed.documents.some((document) => classify(document.model, file) !== undefined)
  if (parsed.documents.length === 0 && 'issue' in decoded) {
    problems.push({ line: decoded.issue.line ?? 1, message: decoded.issue.message })
  }
  const proofStart = performance.now()
  const checkCalls = proof.file()
  for (const document of parsed.documents) {
    const kind =
      classify(document.model, file) ?? (document.issue !== undefined && isKeploys ? 'unreadable' : undefined)
    const found = checkDocument(document, { file, kind, scalars })
    edits += found.edits
    if (kind === undefined) {
      count(foreign, foreignName(file))
      foreignProblems += found.problems.length > 0 ? 1 : 0
      if (values.verbose === true) show(file, found.problems)
      continue
    }
    count(kinds, kind)
    documents++
    const all = kind.startsWith('mock ') ? [...found.problems, ...checkCalls(document)] : found.problems
    if (all.length > 0) failed++
    show(file, all)
  }
  proofMs += performance.now() - proofStart
  if (problems.length > 0) {
    failed++
    if (!isKeploys) documents++
    show(file, problems)
  }
}

console.log(`${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`)
for (const [kind, number] of [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
  console.log(`${String(number).padStart(7)}  ${kind}`)
}
const others = [...foreign.values()].reduce((sum, number) => sum + number, 0)
if (others > 0) {
  console.log(`${String(others).padStart(7)}  not Keploy's (${foreignProblems} of them not shown to be lossless)`)
}
for (const [kind, { documents, calls, empty, same, refused }] of [...proof.kinds].sort(([a], [b]) =>
  a < b ? -1 : 1,
)) {
  const none = empty > 0 ? `, ${empty} hold no call` : ''
  console.log(`${kind}: ${calls} calls of ${documents} documents${none}, ${same} written again as they were`)
  for (const [reason, number] of refused) console.log(`${String(number).padStart(7)}  refused: ${reason}`)
}
console.log(`${edits} edits of one scalar each, with no other line changed`)
console.log(`read at ${rate(bytes, readMs)} MB/s, proved at ${rate(bytes, proofMs)} MB/s`)
console.log(`${documents} documents, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}

function foreignName(file: string): string {
  return file.replace(/^.*\./, '')
}

function rate(size: number, ms: number): string {
  return (size / 1e3 / Math.max(ms, 0.001)).toFixed(1)
}

function show(file: string, problems: readonly Problem[]): void {
  for (const { line, message } of problems.slice(0, 5)) console.log(`${file}:${line}: ${message}`)
  if (problems.length > 5) console.log(`${file}: and ${problems.length - 5} more`)
}
