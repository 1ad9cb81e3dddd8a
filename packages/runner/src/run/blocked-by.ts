import type { BoundValue, Failure, TestCase } from '@keploy-framework/format'
import type { LostValue } from '@keploy-framework/match'
import { findPlaceholders } from '@keploy-framework/redact'

import type { SetContext } from './set-context.ts'

/** What a test sends and nothing has shown. */
export interface Needs {
  /** Numbers of secrets. */
  readonly missing: readonly number[]
  readonly lost: readonly LostValue[]
}

/** What a test needs for its request, and for the messages of a conversation. */
export function neededBy({ stream }: TestCase, request: Needs, { table }: SetContext): Needs {
  if (stream === undefined) return request
  const missing = new Set(request.missing)
  const lost = [...request.lost]
  // What the service says in the conversation itself need not be known before it.
  const heard = new Set<number>()
  for (const { from, data } of stream.items) {
    if (data.type !== 'text') continue
    if (from === 'server') {
      for (const number of findPlaceholders(data.text)) heard.add(number)
      continue
    }
    const message = table.substituteText(data.text)
    for (const number of message.missing) if (!heard.has(number)) missing.add(number)
    lost.push(...message.lost)
  }
  return { missing: [...missing], lost }
}

/** Says what a test lacks, why, and what to do. `templates`: names of templates without a value. */
export function blockedBy(templates: readonly string[], { missing, lost }: Needs, context: SetContext): Failure[] {
  const failures = templates.map((name): Failure => {
    const secret = name.startsWith('secret.') ? name.slice('secret.'.length) : undefined
    const message =
      secret === undefined
        ? `The template value \`${name}\` is not known. Add it under \`template\` in the set's config.yaml.`
        : `The secret \`${secret}\` has no value. ${context.hint(secret)}`
    return { kind: 'blocked', path: `template.${name}`, message }
  })
  for (const number of missing) {
    const producer = context.table.lostSecret(number)
    const why =
      producer === undefined
        ? `no earlier test produced it. ${context.hint(String(number))}`
        : `${producer.test} should have shown it (${producer.where}), and did not pass. Mend that test first.`
    const message = `The secret ${context.describeSecret(number)} has no value: ${why}`
    failures.push({ kind: 'blocked', path: `secret.${number}`, message })
  }
  for (const { test, where } of lost) {
    const message = `It needs ${where} of ${test}, which did not pass and did not show it. Mend that test first.`
    failures.push({ kind: 'blocked', path: `${test} ${where}`, message })
  }
  return failures
}

/** What a response has shown to be secret is not shown by anything from here on. */
export function learnSecrets(bound: readonly BoundValue[], context: SetContext): void {
  for (const { form, recorded } of bound) {
    const number = form === 'secret' ? findPlaceholders(recorded)[0] : undefined
    const value = number === undefined ? undefined : context.table.secret(number)
    if (number !== undefined && value !== undefined) context.learnSecret(number, value)
  }
}
