import type { PathStep } from '../json/json-leaves.ts'

/** A step of a rule: a key, an index, any key (`*`) or any index (`[*]`). */
export type RuleStep = { readonly key: string } | { readonly index: number } | { readonly any: 'key' | 'index' }

const STEP = /\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g

/** Takes `items[0].id` apart; keys with dots stand as `["a.b"]`, or plainly when the body has such a key. */
export function parseNoisePath(path: string): RuleStep[] {
  return Array.from(path.matchAll(STEP), ([text, index, quoted, key]): RuleStep => {
    if (index !== undefined) return { index: Number(index) }
    if (quoted !== undefined) return { key: quoted.replaceAll(/\\(.)/g, '$1') }
    if (text === '[*]') return { any: 'index' }
    return key === '*' ? { any: 'key' } : { key: key ?? text }
  })
}

/** Whether a rule covers a path: it names the value or something around it. Indices that a rule leaves out match all. */
export function coversPath(rule: readonly RuleStep[], path: readonly PathStep[], r = 0, p = 0): boolean {
  const wanted = rule[r]
  if (wanted === undefined) return true
  const step = path[p]
  if (step === undefined) return false
  if (typeof step === 'number') {
    if ('index' in wanted) return wanted.index === step && coversPath(rule, path, r + 1, p + 1)
    if ('any' in wanted && wanted.any === 'index') return coversPath(rule, path, r + 1, p + 1)
    return coversPath(rule, path, r, p + 1)
  }
  if ('any' in wanted) return wanted.any === 'key' && coversPath(rule, path, r + 1, p + 1)
  if ('index' in wanted) return false
  if (wanted.key === step) return coversPath(rule, path, r + 1, p + 1)
  if (!step.includes('.')) return false
  const count = step.split('.').length
  const joined = rule.slice(r, r + count).map((part) => ('key' in part ? part.key : ''))
  return joined.join('.') === step && coversPath(rule, path, r + count, p + 1)
}
