import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { plugin } from './plugin.ts'

const root = join(import.meta.dirname, '../../..')
const names = Object.keys(plugin.rules).sort()

test('every rule has a page, which begins with its name and tells each of its options', async () => {
  const pages = (await readdir(join(root, 'docs/eslint-plugin'))).map((file) => file.replace('.md', ''))
  expect(pages.filter((page) => page !== 'oxlint').sort()).toEqual(names)
  for (const [name, rule] of Object.entries(plugin.rules)) {
    const page = await readFile(join(root, `docs/eslint-plugin/${name}.md`), 'utf8')
    expect(page.split('\n')[0]).toBe(`# ${name}`)
    expect(rule.meta?.docs?.url).toContain(`docs/eslint-plugin/${name}.md`)
    const [schema] = (rule.meta?.schema ?? []) as { properties?: object }[]
    for (const option of Object.keys(schema?.properties ?? {})) expect(page).toContain(`| \`${option}\` |`)
  }
})

test('the table of the README has every rule once', async () => {
  const readme = await readFile(join(root, 'packages/eslint-plugin/README.md'), 'utf8')
  const listed = [...readme.matchAll(/^\| \[`([\w-]+)`\]/gm)].map(([, name = '']) => name)
  expect(listed.sort()).toEqual(names)
})

test('the configurations name rules of the plugin, and strict has all of them', () => {
  const rulesOf = (name: 'recommended' | 'strict') =>
    Object.keys(plugin.configs[name].rules ?? {}).map((rule) => rule.replace('@keploy-framework/', ''))
  expect(rulesOf('strict').sort()).toEqual(names)
  expect(names).toEqual(expect.arrayContaining(rulesOf('recommended')))
  expect(rulesOf('recommended')).not.toContain('value-header')
})
