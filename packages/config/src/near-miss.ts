/** Edits (insert, delete, replace, swap neighbours) between two short words. */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1
  let before: number[] = []
  let previous = Array.from({ length: width }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j < width; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      current.push(best)
    }
    before = previous
    previous = current
  }
  return previous[b.length] ?? 0
}

const LONGEST = 64

/** The known name that was most likely meant, or nothing when none is close. */
export function nearMiss(name: string, known: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined
  const plain = simplify(name)
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(plain.length / 4)) + 1
  for (const candidate of known) {
    const distance = editDistance(plain, simplify(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, '')
}
