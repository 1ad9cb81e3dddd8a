import type { Rule } from 'eslint'

const MANUAL = 'https://github.com/keploy-framework/keploy-framework/blob/main/docs/eslint-plugin'

/** A rule as it is written here: what ESLint wants, with the address of its page made from its name. */
export interface RuleDefinition {
  readonly name: string
  readonly description: string
  readonly type?: 'problem' | 'suggestion'
  readonly fixable?: 'code'
  readonly hasSuggestions?: boolean
  readonly messages: Record<string, string>
  /** The JSON Schemas of the properties of its one options object. */
  readonly options?: Record<string, object>
  create(context: Rule.RuleContext): Rule.RuleListener
}

/** Makes an ESLint rule of it. Options that the schema does not know are refused. */
export function createRule(definition: RuleDefinition): Rule.RuleModule {
  const { name, description, type = 'problem', fixable, hasSuggestions = false, messages, options } = definition
  const schema = options ? [{ type: 'object' as const, properties: options, additionalProperties: false }] : []
  return {
    meta: {
      type,
      docs: { description, url: `${MANUAL}/${name}.md` },
      ...(fixable && { fixable }),
      hasSuggestions,
      messages,
      schema,
    },
    create: (context) => definition.create(context),
  }
}

/** The options that were given, over the defaults. */
export function optionsOf<T extends object>(context: Rule.RuleContext, defaults: T): T {
  return { ...defaults, ...(context.options[0] as Partial<T> | undefined) }
}
