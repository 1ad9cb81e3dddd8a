import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { expect, test } from 'vitest'

import { readText, repositoryFiles, root } from './repository.ts'

/** A link of a page to another place of the repository. */
interface Link {
  readonly page: string
  readonly target: string
}

/** What a reader does not see as text: blocks of code, and code within a line. */
function withoutCode(text: string): string {
  return text.replaceAll(/^( *)(```+|~~~+)[^]*?^\1\2 *$/gm, '').replaceAll(/(`+)[^`\n][^\n]*?\1/g, '')
}

function linksOf(page: string, text: string): Link[] {
  return [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)]
    .map((match) => ({ page, target: match[1] ?? '' }))
    .filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target))
}

/** The anchors that GitHub gives to the headings of a page; a repeated one gets a number. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>()
  const prose = text.replaceAll(/^( *)(```+|~~~+)[^]*?^\1\2 *$/gm, '')
  return new Set(
    [...prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)].map((match) => {
      const words = (match[1] ?? '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      const anchor = words
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
        .replaceAll(' ', '-')
      const count = seen.get(anchor) ?? 0
      seen.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    }),
  )
}

test('every link between the pages leads to a file, and to a heading that is there', async () => {
  const pages = (await repositoryFiles()).filter((file) => file.endsWith('.md') && existsSync(join(root, file)))
  const texts = new Map(await Promise.all(pages.map(async (page) => [page, await readText(page)] as const)))
  const links = pages.flatMap((page) => linksOf(page, texts.get(page) ?? ''))
  expect(links.length).toBeGreaterThan(50)
  const broken = links.filter(({ page, target }) => {
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)))
    if (file.startsWith('..') || !existsSync(join(root, file))) return true
    const text = texts.get(file)
    return anchor !== undefined && text !== undefined && !anchorsOf(text).has(anchor)
  })
  expect(broken.map(({ page, target }) => `${page}: ${target}`)).toEqual([])
})

test('links and anchors are read as GitHub reads them', () => {
  const text = '# A `b` (c), d\n\n## Twice\n\n## Twice\n\n[x](y.md#z "t") `[no](code)`\n\n```md\n# not\n[no](a)\n```\n'
  expect(linksOf('p', text)).toEqual([{ page: 'p', target: 'y.md#z' }])
  expect([...anchorsOf(text)]).toEqual(['a-b-c-d', 'twice', 'twice-1'])
})
