import { RE2JS } from 're2js'

import type { ResolvedConfig } from './resolved-config.ts'

/**
 * Whether calls to an address are neither recorded nor mocked, by `dependencies.bypass` and Keploy's `bypassRules`. A rule
 * with a path cannot be decided by the address, and never fits.
 *
 * @example
 * const bypass = bypassMatcher(config.dependencies)
 * bypass('metrics.internal', 443) // true with `bypass: ['*.internal']`
 */
export function bypassMatcher({
  bypass,
  bypassRules,
}: Pick<ResolvedConfig['dependencies'], 'bypass' | 'bypassRules'>): (host: string, port: number) => boolean {
  const patterns = bypass.map((pattern) => {
    const [, host = '', port = '*'] = /^(.*?)(?::(\d+|\*))?$/.exec(withoutBrackets(pattern)) ?? []
    return { host: glob(host), port: port === '*' ? 0 : Number(port) }
  })
  const rules = bypassRules
    .filter(({ path, host, port }) => path === '' && (host !== '' || port !== 0))
    .map(({ host, port }) => ({ host: RE2JS.compile(host), port }))
  const fits = (wanted: number, port: number): boolean => wanted === 0 || wanted === port
  return (host, port) =>
    patterns.some((one) => fits(one.port, port) && one.host.matches(host.toLowerCase())) ||
    rules.some((one) => fits(one.port, port) && one.host.matcher(host).find())
}

/** `*` is anything, all else stands for itself. */
function glob(text: string): RE2JS {
  return RE2JS.compile(
    text
      .toLowerCase()
      .split('*')
      .map((part) => RE2JS.quote(part))
      .join('.*'),
  )
}

/** The colons of an address of version 6 are not those before a port. */
function withoutBrackets(pattern: string): string {
  const match = /^\[([^\]]*)\](?::(\d+|\*))?$/.exec(pattern)
  return match === null ? pattern : `${match[1] ?? ''}:${match[2] ?? '*'}`
}
