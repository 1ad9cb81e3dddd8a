import type { MockHead } from '@keploy-framework/format'

/** Where a document stands among those of its set: when it was recorded decides, not where a file has it. */
export interface RecordedPlace {
  /** Milliseconds since the epoch; 0: before all that have a time. */
  readonly at: number
  /** The number in its name. */
  readonly number: number
  readonly name: string
  /** Which of the files of the set, from 0. */
  readonly file: number
  /** For documents without a time: how many came since the last one that has one. */
  readonly offset: number
}

/**
 * Gives each document of a file its place: by its time, where times are equal by the number in its name, else by the name.
 * Documents without a time stay behind the one before them.
 *
 * @example
 * const placeOf = placesOfFile(0)
 * documents.map((document) => ({ document, place: placeOf(document) })).sort((a, b) => comparePlaces(a.place, b.place))
 */
export function placesOfFile(file: number): (head: Pick<MockHead, 'name' | 'requestAt'>) => RecordedPlace {
  let last: RecordedPlace = { at: 0, number: -1, name: '', file, offset: 0 }
  return ({ name, requestAt }) => {
    last =
      requestAt > 0
        ? { at: requestAt, number: numberIn(name), name, file, offset: 0 }
        : { ...last, offset: last.offset + 1 }
    return last
  }
}

/** For `sort`, which keeps the order of what is equal. */
export function comparePlaces(a: RecordedPlace, b: RecordedPlace): number {
  return (
    a.at - b.at ||
    a.number - b.number ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
    a.file - b.file ||
    a.offset - b.offset
  )
}

function numberIn(name: string): number {
  return Number(/(\d{1,15})\D*$/.exec(name)?.[1] ?? -1)
}
