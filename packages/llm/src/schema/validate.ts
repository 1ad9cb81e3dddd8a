import { isDeepStrictEqual } from 'node:util'

import { arrayOf, isObject, type JsonObject, numberOf, textOf } from '../json.ts'
import { resolveRef } from './resolve-ref.ts'

/** So many problems are named at most. */
const LIMIT = 5

/**
 * What is wrong with a value, by the keywords that structured output knows: types, properties, required,
 * additionalProperties, items, enum, const, anyOf, oneOf, allOf, not, $ref, patterns, lengths and ranges. Keywords that it
 * does not know are not checked.
 *
 * @returns problems with the path of their place; none when the value satisfies the schema
 */
export function validateSchema(value: unknown, schema: JsonObject): string[] {
  const problems: string[] = []
  check(value, schema, { root: schema, path: '', problems, depth: 0 })
  return problems.slice(0, LIMIT)
}

interface Walk {
  readonly root: JsonObject
  readonly path: string
  readonly problems: string[]
  readonly depth: number
}

function check(value: unknown, schema: unknown, walk: Walk): void {
  const fail = (text: string): void =>
    void walk.problems.push(`${walk.path === '' ? 'the whole value' : walk.path} ${text}`)
  if (schema === false) return fail('is not allowed')
  if (!isObject(schema) || walk.problems.length >= LIMIT || walk.depth > 200) return
  const ref = textOf(schema['$ref'])
  if (ref !== undefined) {
    const target = resolveRef(ref, walk.root)
    if (target === undefined) return fail(`refers to ${ref}, which the schema does not have`)
    check(value, target, { ...walk, depth: walk.depth + 1 })
  }
  const types = [schema['type']].flat().filter((type) => typeof type === 'string')
  if (types.length > 0 && !types.some((type) => isType(value, type))) {
    return fail(`is ${typeName(value)}, not ${types.join(' or ')}`)
  }
  if ('const' in schema && !isDeepStrictEqual(value, schema['const'])) fail(`is not ${JSON.stringify(schema['const'])}`)
  if (Array.isArray(schema['enum']) && !arrayOf(schema['enum']).some((one) => isDeepStrictEqual(value, one))) {
    fail(`is ${JSON.stringify(value)}, not one of ${JSON.stringify(schema['enum'])}`)
  }
  if (typeof value === 'string') checkText(value, schema, fail)
  if (typeof value === 'number') checkRange(value, schema, fail)
  if (Array.isArray(value)) checkList(value as unknown[], schema, walk, fail)
  if (isObject(value)) checkObject(value, schema, walk, fail)
  checkCombined(value, schema, walk, fail)
}

function checkText(value: string, schema: JsonObject, fail: (text: string) => void): void {
  // Lengths count characters, not the halves that some are stored in.
  const length = Array.from(value).length
  const [least, most] = [numberOf(schema['minLength']), numberOf(schema['maxLength'])]
  if (least !== undefined && length < least) fail(`is shorter than ${least} characters`)
  if (most !== undefined && length > most) fail(`is longer than ${most} characters`)
  const pattern = textOf(schema['pattern'])
  if (pattern !== undefined && !compile(pattern)?.test(value)) fail(`does not match ${pattern}`)
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}

function checkRange(value: number, schema: JsonObject, fail: (text: string) => void): void {
  const bound = (key: string, broken: (limit: number) => boolean, text: string): void => {
    const limit = numberOf(schema[key])
    if (limit !== undefined && broken(limit)) fail(`is ${value}, ${text} ${limit}`)
  }
  bound('minimum', (limit) => value < limit, 'less than')
  bound('maximum', (limit) => value > limit, 'more than')
  bound('exclusiveMinimum', (limit) => value <= limit, 'not more than')
  bound('exclusiveMaximum', (limit) => value >= limit, 'not less than')
  bound('multipleOf', (limit) => !Number.isInteger(Number((value / limit).toPrecision(12))), 'no multiple of')
}

function checkList(value: readonly unknown[], schema: JsonObject, walk: Walk, fail: (text: string) => void): void {
  const [least, most] = [numberOf(schema['minItems']), numberOf(schema['maxItems'])]
  if (least !== undefined && value.length < least) fail(`has fewer than ${least} items`)
  if (most !== undefined && value.length > most) fail(`has more than ${most} items`)
  const first = arrayOf(schema['prefixItems'])
  for (const [index, item] of value.entries()) {
    check(item, index < first.length ? first[index] : schema['items'], deeper(walk, `[${index}]`))
  }
}

function checkObject(value: JsonObject, schema: JsonObject, walk: Walk, fail: (text: string) => void): void {
  for (const key of arrayOf(schema['required'])) {
    if (typeof key === 'string' && !Object.hasOwn(value, key)) fail(`lacks "${key}"`)
  }
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [key, item] of Object.entries(value)) {
    const step = walk.path === '' ? key : `.${key}`
    if (Object.hasOwn(properties, key)) check(item, properties[key], deeper(walk, step))
    else if (schema['additionalProperties'] === false) fail(`has "${key}", which the schema does not allow`)
    else check(item, schema['additionalProperties'], deeper(walk, step))
  }
}

function checkCombined(value: unknown, schema: JsonObject, walk: Walk, fail: (text: string) => void): void {
  const problemsOf = (one: unknown): string[] => {
    const problems: string[] = []
    check(value, one, { ...walk, problems, depth: walk.depth + 1 })
    return problems
  }
  for (const one of arrayOf(schema['allOf'])) walk.problems.push(...problemsOf(one))
  for (const key of ['anyOf', 'oneOf'] as const) {
    if (!Array.isArray(schema[key])) continue
    const results = arrayOf(schema[key]).map(problemsOf)
    const fitting = results.filter((problems) => problems.length === 0).length
    if (fitting === 0) fail(`fits none of ${key} (${results.map((problems) => problems[0]).join(' / ')})`)
    else if (key === 'oneOf' && fitting > 1) fail(`fits ${fitting} of oneOf`)
  }
  if (isObject(schema['not']) && problemsOf(schema['not']).length === 0) fail('fits what `not` forbids')
}

function deeper(walk: Walk, step: string): Walk {
  return { ...walk, path: `${walk.path}${step}`, depth: walk.depth + 1 }
}

function isType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  return type === typeName(value)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
