import { tagsOf, testCall } from '../ast/test-calls.ts'
import { categoryEvidence } from '../categories/file-category.ts'
import { CATEGORIES, categoryNamed } from '../categories/settings.ts'
import { createRule } from '../create-rule.ts'

/** A runner that chooses by category must find each test once. */
export const oneCategory = createRule({
  name: 'one-category',
  description: 'Require every test file to be in exactly one category',
  messages: {
    none: 'This file is in no category. Move it below tests/<category>/, or begin it with /** @category <category> */; categories are: {{categories}}.',
    several: 'This file is in several categories: {{found}}. Keep one of them.',
    tag: "This test is tagged '{{tag}}', and its file is of the category {{category}}. Move it to a file of that category.",
  },
  create(context) {
    const evidence = categoryEvidence(context)
    const categories = [...new Set(evidence.map(({ category }) => category))]
    const start = { line: 1, column: 0 }
    return {
      Program() {
        if (categories.length === 0) {
          context.report({ loc: start, messageId: 'none', data: { categories: CATEGORIES.join(', ') } })
        } else if (categories.length > 1) {
          const found = evidence.map(({ category, source }) => `${category} (${source})`).join(', ')
          context.report({ loc: start, messageId: 'several', data: { found } })
        }
      },
      CallExpression(node) {
        const call = testCall(node)
        if (!call || categories.length !== 1) return
        for (const tag of tagsOf(call)) {
          const category = categoryNamed(tag)
          if (category === undefined || categories.includes(category)) continue
          context.report({ node, messageId: 'tag', data: { tag, category: categories[0] ?? '' } })
        }
      },
    }
  },
})
