import type { RunEvent } from '@keploy-framework/format'
import { CATEGORIES, fileId, NO_TIME } from '@keploy-framework/suite'
import type { Category, Chosen, Fitted, TestFile } from '@keploy-framework/suite'

import { printable } from '../../cli/printable.ts'

const SHOWN = 10

type Notice = Omit<Extract<RunEvent, { type: 'notice' }>, 'at'>

/** What `--list` prints. */
export function listText(chosen: Chosen | Fitted): string {
  const reasons = 'reasons' in chosen ? chosen.reasons : undefined
  const rows = chosen.files.map((file) => [
    file.category,
    file.project.name,
    file.shown,
    notes(file, reasons?.get(fileId(file))),
  ])
  const left = chosen.leftOut.map(({ file, reason }) => ['left out', file.project.name, file.shown, `(${reason})`])
  const all = [...rows, ...left]
  const widths = [0, 1].map((column) => Math.max(0, ...all.map((row) => printable(row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => printable(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const expected = 'expectedMs' in chosen ? `, expected to take ${(chosen.expectedMs / 1000).toFixed(1)} s` : ''
  return `${lines.join('\n')}\n\n${count(chosen.files.length)}${expected}; ${chosen.leftOut.length} left out\n${mixText(chosen)}`
}

/** The same as data. */
export function listJson(chosen: Chosen | Fitted): string {
  const plain = ({ project, shown, category, markers, critical }: TestFile) => ({
    project: project.name,
    file: shown,
    category,
    markers,
    critical,
  })
  const leftOut = chosen.leftOut.map(({ file, reason }) => ({ ...plain(file), reason }))
  return `${JSON.stringify({ version: 1, files: chosen.files.map(plain), leftOut, mix: mixOf(chosen) })}\n`
}

/** What is aimed at, in percent of the files of these three. */
const AIM = { unit: 70, integration: 20, e2e: 10 } as const

/** How many files of each category there are, left out or not. */
function mixOf({ files, leftOut }: Chosen): Partial<Record<Category, number>> {
  const all = Map.groupBy([...files, ...leftOut.map(({ file }) => file)], ({ category }) => category)
  return Object.fromEntries(CATEGORIES.flatMap((name) => (all.has(name) ? [[name, all.get(name)?.length]] : [])))
}

function mixText(chosen: Chosen): string {
  const mix = mixOf(chosen)
  const aimed = Object.entries(AIM).map(([name, aim]) => ({ name, aim, count: mix[name as keyof typeof AIM] ?? 0 }))
  const total = aimed.reduce((sum, each) => sum + each.count, 0)
  if (total === 0) return ''
  const parts = aimed.map(
    ({ name, aim, count: files }) => `${name} ${files} (${Math.round((files / total) * 100)} %, aim ${aim} %)`,
  )
  return `Mix: ${parts.join(', ')}\n`
}

/** What a person should know of a choice. */
export function choiceNotices(chosen: Chosen | Fitted): Notice[] {
  const notices: Notice[] = []
  const add = (level: Notice['level'], code: string, message: string): void =>
    void notices.push({ type: 'notice', level, code, message })
  if (chosen.kept.length > 0) {
    add('info', 'KEPLOY_RUN_CRITICAL', `Mission-critical tests always run: ${names(chosen.kept)}.`)
  }
  const reasons = Map.groupBy(chosen.leftOut, ({ reason }) => reason.split(';')[0] ?? reason)
  for (const [reason, list] of reasons) {
    // What filters leave out was asked for; what the time leaves out was not.
    const level = reason === NO_TIME ? 'warning' : 'info'
    add(
      level,
      'KEPLOY_RUN_LEFT_OUT',
      `Left out ${count(list.length)} (${reason}): ${names(list.map(({ file }) => file))}.`,
    )
  }
  return notices
}

function notes(file: TestFile, reason: string | undefined): string {
  const words = [
    ...(file.critical ? ['mission-critical'] : []),
    ...file.markers,
    ...(reason === undefined ? [] : [reason]),
  ]
  return words.length === 0 ? '' : `(${[...new Set(words)].join(', ')})`
}

function names(files: readonly TestFile[]): string {
  const more = files.length > SHOWN ? ` and ${files.length - SHOWN} more` : ''
  return `${files
    .slice(0, SHOWN)
    .map(({ shown }) => shown)
    .join(', ')}${more}`
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`
}
