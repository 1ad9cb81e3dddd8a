import { applyEdits } from './edits.ts'
import { parseHost } from './hosts.ts'
import { credentials, hostText, nthAddress, type Setting, type SettingContext, type Unusable } from './setting.ts'
import { upgradedTls } from './tls-policy.ts'

/** Reads the data source name of Go's MySQL driver: `user:password@tcp(host:3306)/db?tls=true`. */
export function readGoDsn(text: string, context: SettingContext): Setting | Unusable | undefined {
  // The last `@` before the network: a password may hold `@`, `:` and `/` as they are.
  const match = /(?:^|@)(tcp|tcp6|unix)\(([^()]{0,512})\)\//.exec(text)
  if (match === null || text.includes('://')) return undefined
  const [whole, network = '', inner = ''] = match
  const start = match.index + (whole.startsWith('@') ? 1 : 0)
  const end = start + network.length + inner.length + 2
  const user = whole.startsWith('@') ? text.slice(0, match.index) : ''
  const colon = user.indexOf(':')
  const target = network === 'unix' ? { path: inner } : parseHost(inner, 3306)
  if (target === undefined) return { problem: 'its host and port cannot be read' }
  const mode = /[?&]tls=([^&]*)/.exec(text.slice(end))?.[1]
  return {
    protocol: 'mysql',
    targets: [target],
    tls: network === 'unix' ? { mode: 'off' } : upgradedTls({ mode: mode ?? 'disable' }, context),
    clientTls: false,
    ...credentials(colon === -1 ? user : user.slice(0, colon), colon === -1 ? '' : user.slice(colon + 1)),
    write: (addresses) => {
      const { host, port } = nthAddress(addresses, 0)
      return applyEdits(text, [{ start, end, text: `tcp(${hostText(host)}:${port})` }])
    },
  }
}
