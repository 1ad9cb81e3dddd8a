/** What stands for `{{clientName}}`, `{{date}}` and `{{practitionerName}}`. */
export interface TemplateValues {
  clientName: string
  date: string
  practitionerName: string
}

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g

/**
 * Puts values into the places that a template has for them. Values are text: a `{{date}}` in a name stays what it is.
 *
 * @example
 * fillTemplate('{{clientName}}, {{date}}', values) // 'Zoë Müller, 2026-01-12'
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replace(VARIABLE, (place, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof TemplateValues] : place,
  )
}

/** Names of the variables that a text still has, each once. */
export function variablesIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(VARIABLE), ([, name]) => name!))]
}
