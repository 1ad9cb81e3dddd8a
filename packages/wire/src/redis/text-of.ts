import type { Value } from '@keploy-framework/format'

/** A scalar of a tree as text; nothing of what has parts. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
