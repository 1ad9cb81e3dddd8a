import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { commandTable } from './commands/table.ts'
import { runInMemory } from './testing/run-in-memory.ts'

const manual = fileURLToPath(new URL('../../../docs/cli.md', import.meta.url))

// The version changes with every release, and no reader of the manual needs it.
async function helpOf(...words: string[]): Promise<string> {
  const { stdout } = await runInMemory([...words, '--help'])
  return stdout.replace(/^keploy-framework \d\S*: /, 'keploy-framework: ')
}

// Prose is written by hand; the blocks of help texts are what the commands print. `vitest -u` brings them up to date.
test('docs/cli.md shows the help texts as the commands print them', async () => {
  const text = await readFile(manual, 'utf8')
  const helps = new Map([['', await helpOf()]])
  for (const { name } of commandTable) helps.set(name, await helpOf(name))
  const shown = new Set<string>()
  const page = text.replace(/```text\n(?:Usage: )?keploy-framework(?:: | )([a-z]*)[^`]*```/g, (block, word: string) => {
    const name = block.startsWith('```text\nUsage: ') ? word : ''
    shown.add(name)
    return `\`\`\`text\n${helps.get(name) ?? ''}\`\`\``
  })
  expect([...shown].sort()).toEqual([...helps.keys()].sort())
  await expect(page).toMatchFileSnapshot(manual)
})
