import { fileCategory, headerEnd } from '../categories/file-category.ts'
import { CATEGORIES } from '../categories/settings.ts'
import { withoutStars } from '../comments.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const DEFAULTS = {
  categories: ['integration', 'e2e'] as string[],
  fields: ['segment', 'goal', 'value', 'impact'] as string[],
}

/** Tests that cost minutes say whom they serve. */
export const valueHeader = createRule({
  name: 'value-header',
  description: 'Require integration and end-to-end tests to say whom they serve',
  type: 'suggestion',
  messages: {
    missing:
      'This file does not say whom it serves. Begin it with a comment that has these lines, each with its text: {{missing}}.',
  },
  options: {
    categories: { type: 'array', items: { enum: CATEGORIES }, uniqueItems: true },
    fields: { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true, minItems: 1 },
  },
  create(context) {
    const { categories, fields } = optionsOf(context, DEFAULTS)
    const category = fileCategory(context)
    if (category === undefined || !categories.includes(category)) return {}
    return {
      Program(node) {
        const end = headerEnd(node)
        const lines = context.sourceCode
          .getAllComments()
          .filter((comment) => (comment.range?.[1] ?? 0) <= end)
          .flatMap(({ value }) => withoutStars(value).split('\n'))
        const named = new Set(
          lines.flatMap(
            (line) => /^\s*@?([\p{L} _-]+?)\s*(?::|(?<=@\S+)\s)\s*\S/u.exec(line)?.[1]?.toLowerCase() ?? [],
          ),
        )
        const missing = fields
          .filter((field) => !named.has(field.toLowerCase()))
          .map((field) => `${capitalized(field)}:`)
        if (missing.length === 0) return
        context.report({ loc: { line: 1, column: 0 }, messageId: 'missing', data: { missing: missing.join(' ') } })
      },
    }
  },
})

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
