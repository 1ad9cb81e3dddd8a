import { brief, isObject } from '../json.ts'
import type { Recording } from './recording.ts'

/** So many differences are told. */
const LIMIT = 6

/** Where two normalised bodies differ: path, what was recorded, what was asked. */
export function differences(recorded: unknown, asked: unknown, path = ''): string[] {
  if (JSON.stringify(recorded) === JSON.stringify(asked)) return []
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const length = Math.max(recorded.length, asked.length)
    return Array.from({ length }, (_, index) => differences(recorded[index], asked[index], `${path}[${index}]`)).flat()
  }
  if (isObject(recorded) && isObject(asked)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(asked)])]
    return keys.flatMap((key) => differences(recorded[key], asked[key], path === '' ? key : `${path}.${key}`))
  }
  const show = (value: unknown): string => (value === undefined ? 'nothing' : brief(JSON.stringify(value), 100))
  return [`${path === '' ? 'the body' : path}: recorded ${show(recorded)}, asked ${show(asked)}`]
}

/** The recording that is least unlike a request, and how it differs. */
export function nearestRecording(
  recordings: readonly Recording[],
  asked: { readonly method: string; readonly path: string; readonly normalised: unknown },
): { readonly recording: Recording; readonly differences: readonly string[] } | undefined {
  let best: { recording: Recording; differences: string[]; score: number } | undefined
  for (const recording of recordings) {
    const place = `${recording.method} ${recording.path}` === `${asked.method} ${asked.path}`
    const found = differences(recording.normalised, asked.normalised)
    const score = found.length + (place ? 0 : 1000)
    if (best !== undefined && score >= best.score) continue
    const first = place ? [] : [`recorded ${recording.method} ${recording.path}, asked ${asked.method} ${asked.path}`]
    best = { recording, differences: [...first, ...found].slice(0, LIMIT), score }
  }
  return best
}
