/** Characters that continue an authority: `localhost:8000` does not stand in `localhost:80001` or `my-localhost:8000`. */
const CONTINUES = /[A-Za-z0-9.:-]/

/**
 * Puts the live authority in place of recorded ones. One without a port is replaced only where it stands in a URL.
 *
 * @example
 * mapHosts('http://localhost:8000/a', { recorded: ['localhost:8000'], live: '127.0.0.1:9000' })
 * // 'http://127.0.0.1:9000/a'
 */
export function mapHosts(text: string, hosts: { readonly recorded: readonly string[]; readonly live: string }): string {
  let result = text
  for (const recorded of hosts.recorded) {
    if (recorded !== '' && recorded !== hosts.live && result.includes(recorded)) {
      result = replaceAuthority(result, recorded, hosts.live)
    }
  }
  return result
}

function replaceAuthority(text: string, recorded: string, live: string): string {
  let result = ''
  let end = 0
  for (let at = text.indexOf(recorded); at !== -1; at = text.indexOf(recorded, at + recorded.length)) {
    const before = text[at - 1] ?? ''
    const after = text[at + recorded.length] ?? ''
    const next = text[at + recorded.length + 1] ?? ''
    const inUrl = text.startsWith('//', at - 2) || before === '@'
    // A full stop that ends a sentence does not continue a name.
    const continued = CONTINUES.test(after) && !(after === '.' && !CONTINUES.test(next))
    if (continued || (CONTINUES.test(before) && before !== '@') || !(inUrl || recorded.includes(':'))) continue
    result += text.slice(end, at) + live
    end = at + recorded.length
  }
  return result + text.slice(end)
}
