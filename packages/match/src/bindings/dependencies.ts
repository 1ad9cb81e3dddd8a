/** Which test needs which, by index in recorded order. */
export class Dependencies {
  /** By test; most need none. */
  readonly #needs = new Map<number, Set<number>>()

  add(test: number, needed: number): void {
    if (needed >= test) return
    const needs = this.#needs.get(test)
    if (needs === undefined) this.#needs.set(test, new Set([needed]))
    else needs.add(needed)
  }

  /** Everything that a test needs, directly or not, in recorded order. */
  before(test: number): number[] {
    const seen = new Set<number>()
    const open = [test]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const needed of this.#needs.get(next) ?? []) {
        if (seen.has(needed)) continue
        seen.add(needed)
        open.push(needed)
      }
    }
    return [...seen].sort((a, b) => a - b)
  }

  /** Groups of tests that need each other, directly or not, each in recorded order. `count`: how many tests there are. */
  groups(count: number): number[][] {
    const parent = Array.from({ length: count }, (_, index) => index)
    const find = (index: number): number => {
      let root = index
      while (parent[root] !== root) root = parent[root] as number
      parent[index] = root
      return root
    }
    for (const [test, needs] of this.#needs) {
      for (const needed of needs) {
        const [a, b] = [find(test), find(needed)]
        parent[Math.max(a, b)] = Math.min(a, b)
      }
    }
    const groups = new Map<number, number[]>()
    for (let index = 0; index < parent.length; index++) {
      const root = find(index)
      const group = groups.get(root)
      if (group === undefined) groups.set(root, [index])
      else group.push(index)
    }
    return [...groups.values()]
  }
}
