import type { ProtocolName } from '@keploy-framework/format'

import { applyEdits } from './edits.ts'
import { parseHost, parseHosts } from './hosts.ts'
import { findScheme } from './schemes.ts'
import {
  addressList,
  credentials,
  hostText,
  nthAddress,
  type Setting,
  type SettingContext,
  type Unusable,
} from './setting.ts'
import { splitUrl } from './split-url.ts'
import { readUrl } from './url-setting.ts'

const KAFKA =
  /(^|_)(BOOTSTRAP_?SERVERS?|BOOTSTRAP_BROKERS?|KAFKA_(BROKERS?(_LIST|_URLS?|_ADDRS?)?|BOOTSTRAP|HOSTS|SERVERS?|URLS?|ADDR(ESS)?(ES)?))$/
const REDIS = /(^|_)(REDIS|VALKEY)_(CLUSTER(_NODES)?|NODES|SERVERS?|ADDR(ESS)?(ES)?|ENDPOINTS?)$/
const SENTINEL = /(^|_)(SENTINELS|SENTINEL_(NODES|HOSTS|SERVERS|ADDRS?))$/

/** What a list of servers is for, by the name of its variable. */
function kindOf(variable: string): { readonly protocol: ProtocolName; readonly port: number } | undefined {
  const name = variable.toUpperCase()
  if (KAFKA.test(name)) return { protocol: 'kafka', port: 9092 }
  if (SENTINEL.test(name)) return { protocol: 'redis', port: 26_379 }
  if (REDIS.test(name)) return { protocol: 'redis', port: 6379 }
  return undefined
}

/** Reads `host:port,host:port` in a variable whose name says what they are: `KAFKA_BROKERS`, `REDIS_SENTINELS`. */
export function readServerList(
  text: string,
  variable: string,
  context: SettingContext,
): Setting | Unusable | undefined {
  const kind = kindOf(variable)
  if (kind === undefined) return undefined
  const kafka = kind.protocol === 'kafka' ? kafkaNeighbours(variable, context) : undefined
  const direct = kafka !== undefined && (/SSL:\/\//i.test(text) || /SSL/i.test(kafka.security ?? ''))
  const elements = [...text.matchAll(/[^,]+/g)].map((match) => {
    const [, space = '', prefix = ''] = /^(\s*)((?:PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL):\/\/)?/i.exec(match[0]) ?? []
    const start = match.index + space.length + prefix.length
    return { start, host: text.slice(start, match.index + match[0].length).trimEnd() }
  })
  const targets = elements.map(({ host }) => parseHost(host, kind.port)).filter((target) => target !== undefined)
  if (targets.length === 0 || targets.length !== elements.length) {
    return { problem: 'it is no list of host:port with commas' }
  }
  return {
    ...kind,
    targets,
    tls: direct ? { mode: 'direct', verify: true } : { mode: 'off' },
    clientTls: direct,
    ...credentials(kafka?.username, kafka?.password),
    write: (addresses) =>
      applyEdits(
        text,
        elements.map(({ start, host }, index) => {
          const address = nthAddress(addresses, index)
          return { start, end: start + host.length, text: `${hostText(address.host)}:${address.port}` }
        }),
      ),
  }
}

/** What stands beside a list of brokers: `KAFKA_SECURITY_PROTOCOL`, `KAFKA_SASL_USERNAME`, `KAFKA_PASSWORD`. */
function kafkaNeighbours(
  variable: string,
  context: SettingContext,
): { readonly security?: string; readonly username?: string; readonly password?: string } {
  const stem = variable.slice(0, variable.toUpperCase().indexOf('KAFKA') + 5)
  const first = (...suffixes: string[]): string | undefined =>
    suffixes.map((suffix) => context.variable(`${stem}_${suffix}`)).find((found) => found !== undefined)
  const security = first('SECURITY_PROTOCOL')
  const username = first('SASL_USERNAME', 'SASL_USER', 'USERNAME', 'USER', 'API_KEY')
  const password = first('SASL_PASSWORD', 'SASL_PASS', 'PASSWORD', 'PASS', 'API_SECRET')
  return {
    ...(security !== undefined && { security }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }
}

/** Reads several URLs with commas between them: `nats://a:4222,nats://b:4222`. */
export function readUrlList(text: string, context: SettingContext, named: boolean): Setting | Unusable | undefined {
  if (!/,\s*[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined
  const parts = text.split(/(,\s*)(?=[a-z][a-z0-9+.-]*:\/\/)/i)
  const urls = parts.filter((_, index) => index % 2 === 0)
  if (findScheme(splitUrl(urls[0] ?? '')?.scheme ?? '', named) === undefined) return undefined
  const settings = urls.map((url) => readUrl(url.trimEnd(), context, named))
  const first = settings[0]
  const known = settings.filter((setting): setting is Setting => setting !== undefined && 'write' in setting)
  if (first === undefined || 'problem' in first) return first
  if (known.length !== settings.length || known.some(({ protocol }) => protocol !== first.protocol)) {
    return { problem: 'its servers are not of one kind' }
  }
  return {
    ...first,
    targets: known.flatMap(({ targets }) => targets),
    write: (addresses, ca) =>
      parts
        .map((part, index) =>
          index % 2 === 1 ? part : (known[index / 2]?.write([nthAddress(addresses, index / 2)], ca) ?? part),
        )
        .join(''),
  }
}

/** Reads the configuration string of StackExchange.Redis, `redis:6379,password=…,ssl=true`, in a variable that says Redis. */
export function readRedisOptions(text: string, variable: string): Setting | undefined {
  if (!/redis|valkey/i.test(variable) || text.includes('://') || !text.includes(',')) return undefined
  const options = /,\s*[a-z]\w*\s*=.*$/is.exec(text)
  if (options === null) return undefined
  const targets = parseHosts(text.slice(0, options.index), 6379)
  if (targets === undefined) return undefined
  const option = (name: string): string | undefined =>
    new RegExp(`,\\s*${name}\\s*=\\s*([^,]*)`, 'i').exec(options[0])?.[1]?.trim()
  const direct = option('ssl')?.toLowerCase() === 'true'
  return {
    protocol: 'redis',
    targets,
    tls: direct ? { mode: 'direct', verify: true } : { mode: 'off' },
    clientTls: direct,
    ...credentials(option('user'), option('password')),
    write: (addresses) => applyEdits(text, [{ start: 0, end: options.index, text: addressList(addresses) }]),
  }
}
