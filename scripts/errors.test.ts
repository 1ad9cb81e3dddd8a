import { describe, expect, test } from 'vitest'

import { readText, repositoryFiles } from './repository.ts'

const VARIABLES = 'Environment variables'

/** docs/errors.md: section → the names in the first column of its table. */
async function readSections(): Promise<Map<string, string[]>> {
  const sections = new Map<string, string[]>()
  let names: string[] = []
  for (const line of (await readText('docs/errors.md')).split('\n')) {
    const [, heading] = /^## (.+)$/.exec(line) ?? []
    if (heading) sections.set(heading, (names = []))
    const [, name] = /^\| `(KEPLOY_[A-Z0-9_<>]+)` \|/.exec(line) ?? []
    if (name) names.push(name)
  }
  return sections
}

/** Every `'KEPLOY_…'` in the sources of the packages, by package. */
async function readLiterals(): Promise<Map<string, Set<string>>> {
  const files = (await repositoryFiles()).filter(
    (file) => /^(packages|apps)\/[^/]+\/(src|bin)\/.*\.[tj]s$/.test(file) && !file.endsWith('.test.ts'),
  )
  const literals = new Map<string, Set<string>>()
  for (const file of files) {
    const owner = file.split('/')[1] ?? ''
    const found = literals.get(owner) ?? new Set()
    // The prefix alone, as in a loop over the environment, is not a name.
    const code = withoutComments(await readText(file).catch(() => ''))
    for (const [, name] of code.matchAll(/['"`](KEPLOY_[A-Z0-9_]*[A-Z0-9])['"`]/g)) {
      found.add(name ?? '')
    }
    literals.set(owner, found)
  }
  return literals
}

/** `KEPLOY_FIXTURES_<SERVICE>_URL` stands for the variable of every service. */
function isKnown(name: string, known: Iterable<string>): boolean {
  for (const entry of known) {
    if (entry === name) return true
    if (entry.includes('<') && new RegExp(`^${entry.replaceAll(/<\w+>/g, '[A-Z0-9]+')}$`).test(name)) return true
  }
  return false
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

/** Everything in which a variable can be read: sources, scripts, tests and workflows. */
async function readUses(): Promise<string> {
  const files = (await repositoryFiles()).filter((file) => /\.([tj]s|ya?ml)$|^\.ci\//.test(file))
  return (await Promise.all(files.map((file) => readText(file).catch(() => '')))).join('\n')
}

describe('docs/errors.md', async () => {
  const sections = await readSections()
  const literals = await readLiterals()
  const variables = new Set(sections.get(VARIABLES))
  const codes = [...sections].filter(([section]) => section !== VARIABLES)

  test('names each code and variable once', () => {
    const names = [...sections.values()].flat()
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test.each([...literals])('knows every code and variable in the sources of %s', (_owner, names) => {
    const known = new Set([...sections.values()].flat())
    expect([...names].filter((name) => !isKnown(name, known)).sort()).toEqual([])
  })

  test.each(codes)('lists under %s only codes that its sources use', (section, names) => {
    expect(names.filter((name) => !literals.get(section)?.has(name))).toEqual([])
  })

  test('knows every variable that a script, a test or a benchmark reads', async () => {
    const read = [...(await readUses()).matchAll(/\benv(?:\.|\[')(KEPLOY_[A-Z0-9_]+)/g)].map(([, name]) => name ?? '')
    expect([...new Set(read)].filter((name) => !isKnown(name, variables))).toEqual([])
  })

  test('lists only environment variables that something reads', async () => {
    const uses = await readUses()
    const unread = [...variables].filter((name) => !new RegExp(`\\b${name.replaceAll(/<\w+>/g, '\\S+')}`).test(uses))
    expect(unread).toEqual([])
  })
})
