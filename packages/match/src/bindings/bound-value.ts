import type { BoundValue } from '@keploy-framework/format'

/** Live values of these forms are credentials: they are never shown. */
const HIDDEN = new Set(['secret', 'jwt', 'token'])

export function isHidden(form: string): boolean {
  return HIDDEN.has(form)
}

/** A pair as it may be shown: a live credential is hidden. */
export function shown(bound: BoundValue): BoundValue {
  if (!isHidden(bound.form)) return bound
  return { ...bound, recorded: bound.form === 'secret' ? bound.recorded : `(${bound.form})`, live: `(${bound.form})` }
}
