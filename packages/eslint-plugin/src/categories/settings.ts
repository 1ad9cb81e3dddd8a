import type { Rule } from 'eslint'

/** In which of these every test stands, and in no second one. */
export const CATEGORIES = ['unit', 'integration', 'e2e', 'mission_critical', 'performance'] as const

export type Category = (typeof CATEGORIES)[number]

/** What the rules read from `settings['keploy-framework']` of the ESLint configuration. */
export interface KeploySettings {
  /** Globs of test files by category, relative to the working directory. They come before names of folders and files. */
  readonly categories?: Partial<Record<Category, string | string[]>>
  /** The category of files that nothing else puts into one. By default there is none, and `one-category` reports them. */
  readonly defaultCategory?: Category
  /** Globs of module names that are your own code, besides relative paths and `#imports`. */
  readonly ownPackages?: string[]
}

/** The settings for the rules; empty when there are none. */
export function settingsOf(context: Rule.RuleContext): KeploySettings {
  const settings = context.settings['keploy-framework']
  return typeof settings === 'object' && settings !== null ? settings : {}
}

/** The category that a word means, however it joins its parts: `mission-critical`. */
export function categoryNamed(word: string): Category | undefined {
  const name = word.toLowerCase().replaceAll('-', '_')
  return CATEGORIES.find((category) => category === name)
}
