import { relative } from 'node:path'

import type { Rule, SourceCode } from 'eslint'
import type * as ESTree from 'estree'
import picomatch from 'picomatch'

import { located } from '../ast/nodes.ts'
import { CATEGORIES, type Category, categoryNamed, type KeploySettings, settingsOf } from './settings.ts'

/** One thing that says in which category a file is. */
export interface CategoryEvidence {
  readonly category: Category
  /** For messages: `@category e2e`, `folder e2e/`. */
  readonly source: string
}

/** The path as globs see it: from the working directory, with `/`. */
export function relativePath(context: Rule.RuleContext): string {
  return relative(context.cwd, context.filename).replaceAll('\\', '/')
}

/**
 * Everything that puts the file into a category: its header, and the globs of the settings or else the names of its
 * folder and of the file itself. `defaultCategory` only counts where there is nothing else.
 */
export function categoryEvidence(context: Rule.RuleContext): CategoryEvidence[] {
  const settings = settingsOf(context)
  const path = relativePath(context)
  const globs = fromGlobs(path, settings)
  const found = [...fromHeader(context.sourceCode), ...(globs.length > 0 ? globs : fromNames(path))]
  if (found.length > 0 || settings.defaultCategory === undefined) return found
  return [{ category: settings.defaultCategory, source: 'defaultCategory' }]
}

/** The one category of the file; nothing where there is none, or more than one. */
export function fileCategory(context: Rule.RuleContext): Category | undefined {
  const categories = new Set(categoryEvidence(context).map(({ category }) => category))
  return categories.size === 1 ? [...categories][0] : undefined
}

function fromGlobs(path: string, settings: KeploySettings): CategoryEvidence[] {
  return CATEGORIES.flatMap((category) => {
    const globs = [settings.categories?.[category] ?? []].flat()
    const glob = globs.find((pattern) => picomatch(pattern, { dot: true })(path))
    return glob === undefined ? [] : [{ category, source: `the glob ${glob}` }]
  })
}

function fromNames(path: string): CategoryEvidence[] {
  // A folder of sources may be called `performance` too, so names count at the top and below folders of tests.
  const parts = path.split('/').slice(0, -1)
  const tests = parts.findIndex((name) => /^(?:tests?|__tests__|specs?)$/.test(name))
  const folders = tests < 0 ? parts.slice(0, 1) : parts.slice(tests + 1)
  const file = path.split('/').at(-1) ?? ''
  const marked = /\.([\w-]+)\.(?:test|spec)\.[cm]?[jt]sx?$/.exec(file)?.[1]
  return [
    ...folders.flatMap((name) => evidence(name, `the folder ${name}/`)),
    ...(marked === undefined ? [] : evidence(marked, `the file name ${file}`)),
  ]
}

function fromHeader(sourceCode: SourceCode): CategoryEvidence[] {
  const end = headerEnd(sourceCode.ast)
  return sourceCode
    .getAllComments()
    .filter((comment) => (comment.range?.[1] ?? 0) <= end)
    .flatMap(({ value }) => [...value.matchAll(/@(category|module-tag)\s+([\w-]+)/g)])
    .flatMap(([, marker = '', word = '']) => evidence(word, `@${marker} ${word}`))
}

function evidence(word: string, source: string): CategoryEvidence[] {
  const category = categoryNamed(word)
  return category === undefined ? [] : [{ category, source }]
}

/** Where the header of a file ends: before the first statement that imports nothing. */
export function headerEnd(program: ESTree.Program): number {
  const first = program.body.find(({ type }) => type !== 'ImportDeclaration')
  return first === undefined ? Number.POSITIVE_INFINITY : located(first).range[0]
}
