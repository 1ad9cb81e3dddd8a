import { load } from 'js-yaml'

import { maxExpandedValues, maxNesting } from '../defaults.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { schema } from './schema.ts'
import { readSlowly } from './second-reader.ts'
import { TaggedValue } from './values.ts'

export interface LoadPlace {
  readonly file?: string
  /** The line of the file on which the text begins, counted from 1. Default: 1. */
  readonly line?: number
}

export type Loaded = { readonly value: unknown } | { readonly issue: InputIssue }

/** Reads one YAML document. Malformed text comes back as an issue with its place. */
export function loadYaml(text: string, place: LoadPlace = {}): Loaded {
  const firstLine = place.line ?? 1
  const file = place.file === undefined ? {} : { file: place.file }
  if (endsListsEmpty(text)) {
    const read = readSlowly(text)
    if (read !== undefined) return read
  }
  let value: unknown
  try {
    value = load(text, { schema, maxDepth: maxNesting } as Parameters<typeof load>[1])
  } catch (error) {
    const again = readSlowly(text)
    if (again !== undefined) return again
    const mark = (error as { mark?: { line: number; column: number } }).mark
    const reason = (error as { reason?: string }).reason ?? (error as Error).message
    return {
      issue: {
        code: 'KEPLOY_FORMAT_YAML',
        severity: 'error',
        message: `This is not valid YAML: ${reason}.`,
        ...file,
        line: firstLine + (mark?.line ?? 0),
        column: (mark?.column ?? 0) + 1,
      },
    }
  }
  if (mayHaveAlias(text)) {
    const problem = aliasProblem(value)
    if (problem !== undefined) {
      return {
        issue: {
          code: 'KEPLOY_FORMAT_ALIAS',
          severity: 'error',
          message: problem,
          ...file,
          line: firstLine,
          column: 1,
          suggestion: 'Write the values out in place of the aliases (`*name`).',
        },
      }
    }
  }
  return { value: value === undefined ? null : value }
}

const bareDash = /^([ ]*(?:- +)*)-[ \t]*(?:#[^\n]*)?\r?\n(?=(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *))/gm

/**
 * Whether a list ends with an item that has no value. js-yaml then takes the next item of the outer list for one of the
 * inner list; nobody but people write that, so those documents go to the slow reader.
 */
function endsListsEmpty(text: string): boolean {
  if (!text.includes('-\n') && !text.includes('-\r\n') && !/- *[#\t]|- +\r?\n/.test(text)) return false
  for (const match of text.matchAll(bareDash)) {
    if (match[2]!.length < match[1]!.length) return true
  }
  return false
}

const aliasToken = /(?:^|[\s,[{])\*[^\s,[\]{}]/

function mayHaveAlias(text: string): boolean {
  return text.includes('*') && text.includes('&') && aliasToken.test(text)
}

/** Aliases share one object, so a small file can stand for a huge tree, or for one that contains itself. */
function aliasProblem(root: unknown): string | undefined {
  const onPath = new Set<object>()
  let count = 0
  const visit = (value: unknown): string | undefined => {
    if (++count > maxExpandedValues) {
      return `This document stands for more than ${maxExpandedValues} values once its aliases are expanded.`
    }
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
    if (onPath.has(value)) return 'An alias in this document contains itself.'
    onPath.add(value)
    const children = value instanceof TaggedValue ? [value.value] : Object.values(value)
    for (const child of children) {
      const problem = visit(child)
      if (problem !== undefined) return problem
    }
    onPath.delete(value)
    return undefined
  }
  return visit(root)
}
