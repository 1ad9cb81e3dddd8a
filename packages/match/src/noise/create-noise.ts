import type { InputIssue } from '@keploy-framework/format'

import { ExactNumber } from '../json/exact-number.ts'
import type { PathStep } from '../json/json-leaves.ts'
import { coversPath, parseNoisePath } from './noise-path.ts'
import type { RuleStep } from './noise-path.ts'
import { testPattern } from './test-pattern.ts'

/** Noise as `globalNoise` has it: by part, then by name or path, regular expressions (an empty list: ignore always). */
export interface NoiseBuckets {
  readonly body?: Readonly<Record<string, readonly string[]>> | undefined
  readonly header?: Readonly<Record<string, readonly string[]>> | undefined
}

/** The layers of noise. For the same path the test's rule wins over the set's, and that over the global one. */
export interface NoiseRules {
  /** `assertions.noise` of the test: `header.Date`, `body.user.id`; a path without a prefix is one of the body. */
  readonly test?: ReadonlyMap<string, readonly string[]> | undefined
  readonly set?: NoiseBuckets | undefined
  readonly global?: NoiseBuckets | undefined
}

export interface NoiseOptions {
  /** Keploy's looser meaning: substrings of header names and paths, bare fields at any depth. Default false. */
  readonly loose?: boolean
}

/** Says which rule, if any, allows a difference. What it returns names the rule, for the report. */
export interface NoiseMatcher {
  /** True when there is no rule at all. */
  readonly empty: boolean
  /** Expressions that are none, and, when loose, rules that reach further than they read. */
  readonly issues: readonly InputIssue[]
  /** `live` is undefined when the live answer has no such header. */
  header(name: string, live: string | undefined): string | undefined
  /** `path` without the leading `body`; `live` is undefined when the live body has no such field. */
  body(path: readonly PathStep[], live: unknown): string | undefined
}

interface Rule {
  readonly part: 'header' | 'body'
  /** Without the part: `Date`, `user.id`; empty for all of it. */
  readonly path: string
  readonly patterns: readonly string[]
  readonly steps: readonly RuleStep[]
}

function ruleOf(part: 'header' | 'body', path: string, patterns: readonly string[]): Rule {
  const plain = path === '*' ? '' : path
  const always = patterns.includes('*')
  return { part, path: plain, patterns: always ? [] : patterns, steps: part === 'body' ? parseNoisePath(plain) : [] }
}

function testRule(path: string, patterns: readonly string[]): Rule {
  const part = /^(header|body)(?:\.|(?=\[)|$)/.exec(path)
  if (part === null) return ruleOf('body', path, patterns)
  return ruleOf(part[1] === 'header' ? 'header' : 'body', path.slice(part[0].length), patterns)
}

function collect({ global, set, test }: NoiseRules): Rule[] {
  const rules = new Map<string, Rule>()
  const add = (rule: Rule): unknown =>
    rules.set(`${rule.part} ${rule.part === 'header' ? rule.path.toLowerCase() : rule.path}`, rule)
  for (const buckets of [global, set]) {
    for (const part of ['header', 'body'] as const) {
      for (const [path, patterns] of Object.entries(buckets?.[part] ?? {})) add(ruleOf(part, path, patterns))
    }
  }
  for (const [path, patterns] of test ?? []) add(testRule(path, patterns))
  return [...rules.values()]
}

function patternIssues(rule: Rule): InputIssue[] {
  return rule.patterns.flatMap((pattern) => {
    const { problem } = testPattern(pattern, '')
    if (problem === undefined) return []
    const path = fullPath(rule)
    return [
      {
        code: 'KEPLOY_NOISE_PATTERN',
        severity: 'error',
        path,
        message: `The noise rule ${path} has an expression that can't be read: ${problem}`,
        suggestion: 'Write an RE2 expression (no look-around, no back-references), or [] to ignore the value always.',
      },
    ]
  })
}

function textOf(live: unknown): string {
  if (typeof live === 'string') return live
  return live instanceof ExactNumber ? live.text : (JSON.stringify(live) ?? '')
}

function allows({ patterns }: Rule, live: unknown): boolean {
  if (patterns.length === 0) return true
  if (live === undefined) return false
  const text = textOf(live)
  return patterns.some((pattern) => testPattern(pattern, text).matches)
}

function fullPath({ part, path }: Rule): string {
  return part + (path === '' || path.startsWith('[') ? path : `.${path}`)
}

function label(rule: Rule, loose: boolean): string {
  return `noise${loose ? ' (loose)' : ''}: ${fullPath(rule)}`
}

/** Whether Keploy's reading of a rule covers a place that the exact reading does not. */
function coversLoosely(rule: Rule, name: string, path: readonly PathStep[]): boolean {
  if (rule.part === 'header') return name.toLowerCase().includes(rule.path.toLowerCase())
  const keys = path.filter((step) => typeof step === 'string')
  return rule.path.includes('.') ? keys.join('.').includes(rule.path) : keys.includes(rule.path)
}

/**
 * Makes a matcher from the rules of a test, its set and the configuration. Paths are exact and know arrays:
 * `body.items.id` covers every element, `body.items[0].id` one; header names are exact but for their case; a rule
 * covers everything below its path. With expressions a value is ignored only if the live value matches one of them.
 *
 * @example
 * const noise = createNoise({ test: new Map([['body.items.id', []]]) })
 * noise.body(['items', 3, 'id'], 'x') // 'noise: body.items.id'
 */
export function createNoise(rules: NoiseRules = {}, { loose = false }: NoiseOptions = {}): NoiseMatcher {
  const all = collect(rules)
  const issues = all.flatMap(patternIssues)
  if (loose) issues.push(...all.filter(({ path }) => path !== '').map(looseIssue))
  const headers = all.filter(({ part }) => part === 'header')
  const bodies = all.filter(({ part }) => part === 'body')
  // The longest name wins, as a rule for `X-Date` says more than one for `Date`.
  const byLength = [...headers].sort((a, b) => b.path.length - a.path.length)
  const find = (
    candidates: readonly Rule[],
    live: unknown,
    exact: (rule: Rule) => boolean,
    name: string,
    path: readonly PathStep[],
  ): string | undefined => {
    const rule = candidates.find((candidate) => exact(candidate) && allows(candidate, live))
    if (rule !== undefined) return label(rule, false)
    if (!loose) return undefined
    const wide = candidates.find((candidate) => coversLoosely(candidate, name, path) && allows(candidate, live))
    return wide === undefined ? undefined : label(wide, true)
  }
  return {
    empty: all.length === 0,
    issues,
    header: (name, live) => {
      const lower = name.toLowerCase()
      return find(byLength, live, ({ path }) => path === '' || path.toLowerCase() === lower, name, [])
    },
    body: (path, live) => find(bodies, live, ({ steps }) => coversPath(steps, path), '', path),
  }
}

function looseIssue(rule: Rule): InputIssue {
  const { part, path } = rule
  const reach =
    part === 'header'
      ? `every header whose name contains "${path}"`
      : path.includes('.')
        ? `every field whose path contains "${path}"`
        : `every field named "${path}" at any depth`
  return {
    code: 'KEPLOY_NOISE_LOOSE',
    severity: 'warning',
    path: fullPath(rule),
    message: `The noise rule ${fullPath(rule)} is read as Keploy reads it: it reaches ${reach}.`,
    suggestion: 'Write the exact path or name and turn the loose reading off.',
  }
}
