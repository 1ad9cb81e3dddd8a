import type { Failure, TestResult } from '@keploy-framework/format'

import { suiteOf } from '../suites.ts'
import { toJson, valueText } from '../text/value.ts'
import { visible, visibleKeepingTabs, visibleLines } from '../text/visible.ts'
import { sideParts } from './side-rows.ts'

/** A test as the page's script reads it: ready to be shown. */
export function pageTest(test: TestResult, index: number) {
  const parts = sideParts(test)
  return {
    index,
    set: visible(test.set),
    suite: visible(suiteOf(test)),
    name: visible(test.name),
    file: visible(test.file),
    status: test.status,
    method: visible(test.method),
    path: visible(test.path === '' ? test.name : test.path),
    ms: test.durationMs,
    attempts: test.attempts,
    tags: test.tags.map(visible),
    failures: test.failures.map(pageFailure),
    bound: test.bound.map((value) => [value.recorded, value.live, value.form, value.where].map(visible)),
    rules: test.rules.map(({ path, rule }) => [visible(path), visible(rule)]),
    ...(test.curl === undefined ? {} : { curl: block(test.curl) }),
    ...(parts ? { sides: { parts } } : {}),
  }
}

function pageFailure(failure: Failure) {
  const both = 'expected' in failure || 'actual' in failure
  return {
    kind: failure.kind,
    path: visible(failure.path),
    message: visibleLines(failure.message).join('\n'),
    ...(both ? { expected: shown(failure.expected), actual: shown(failure.actual) } : {}),
  }
}

function shown(value: unknown): string {
  // Quotes tell a text from a number; a text of several lines is easier to read without.
  if (typeof value === 'string' && value.includes('\n')) return block(value)
  if (value !== null && typeof value === 'object' && !(value instanceof Uint8Array)) return block(toJson(value, 2))
  return block(valueText(value))
}

function block(text: string): string {
  return text.split(/\r?\n/).map(visibleKeepingTabs).join('\n')
}
