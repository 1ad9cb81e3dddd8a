import { RE2JS } from 're2js'

import type { ResolvedConfig } from './resolved-config.ts'

/** Addresses by a regular expression on the host (RE2 syntax, found anywhere in it, in any case of letters) and a port; 0 is any. */
export interface AddressRule {
  readonly host: string
  readonly port: number
}

/**
 * The addresses whose calls are neither recorded nor mocked, by `dependencies.bypass` and Keploy's `bypassRules`. A rule
 * with a path cannot be decided by the address, and is left out.
 *
 * @example
 * const rules = bypassAddresses(config.dependencies)
 */
export function bypassAddresses({
  bypass,
  bypassRules,
}: Pick<ResolvedConfig['dependencies'], 'bypass' | 'bypassRules'>): AddressRule[] {
  const patterns = bypass.map((pattern) => {
    const [, host = '', port = '*'] = /^(.*?)(?::(\d+|\*))?$/.exec(withoutBrackets(pattern)) ?? []
    return { host: glob(host), port: port === '*' ? 0 : Number(port) }
  })
  const rules = bypassRules.filter(({ path, host, port }) => path === '' && (host !== '' || port !== 0))
  return [...patterns, ...rules.map(({ host, port }) => ({ host, port }))]
}

/**
 * Whether calls to an address are neither recorded nor mocked: {@link bypassAddresses} as a function.
 *
 * @example
 * const bypass = bypassMatcher(config.dependencies)
 * bypass('metrics.internal', 443) // true with `bypass: ['*.internal']`
 */
export function bypassMatcher(
  dependencies: Pick<ResolvedConfig['dependencies'], 'bypass' | 'bypassRules'>,
): (host: string, port: number) => boolean {
  const rules = bypassAddresses(dependencies).map(({ host, port }) => ({
    host: RE2JS.compile(host, RE2JS.CASE_INSENSITIVE),
    port,
  }))
  return (host, port) => rules.some((one) => (one.port === 0 || one.port === port) && one.host.matcher(host).find())
}

/** `*` is anything, all else stands for itself. */
function glob(text: string): string {
  const parts = text.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return `^${parts.join('.*')}$`
}

/** The colons of an address of version 6 are not those before a port. */
function withoutBrackets(pattern: string): string {
  const match = /^\[([^\]]*)\](?::(\d+|\*))?$/.exec(pattern)
  return match === null ? pattern : `${match[1] ?? ''}:${match[2] ?? '*'}`
}
