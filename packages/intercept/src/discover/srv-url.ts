import { applyEdits, type Edit } from './edits.ts'
import { addressList, type Setting, type SettingContext, type Unusable } from './setting.ts'
import { parameter, splitUrl, type SplitUrl } from './split-url.ts'
import { directTls } from './tls-policy.ts'
import { tlsOf, urlCredentials } from './url-setting.ts'

const MONGODB = { protocol: 'mongodb', port: 27_017, direct: true } as const

/** The name that a `mongodb+srv:` URL asks the name service for; nothing for other values. */
export function srvName(text: string): string | undefined {
  const url = splitUrl(text)
  return url?.scheme === 'mongodb+srv' && isName(url.hosts.text) ? url.hosts.text : undefined
}

/**
 * A `mongodb+srv:` URL becomes a plain `mongodb:` one: the relay talks TLS to the servers, the service talks plain to the
 * relay, unless the URL itself asks for TLS. Options of the text record are added, because only `+srv` reads them.
 */
export function srvSetting(text: string, url: SplitUrl, context: SettingContext): Setting | Unusable {
  const name = url.hosts.text
  if (!isName(name)) return { problem: 'a URL of mongodb+srv names one host and no port' }
  const answer = context.srv.get(name)
  const { words, verify } = tlsOf(url, MONGODB)
  const asked = words.mode !== undefined
  const off = words.mode?.toLowerCase() === 'false'
  return {
    protocol: 'mongodb',
    targets: answer?.targets ?? [{ host: name, port: MONGODB.port }],
    label: name,
    tls: off ? { mode: 'off' } : directTls(words, context, verify),
    clientTls: asked && !off,
    ...urlCredentials(url),
    write: (addresses, ca) => {
      const edits: Edit[] = [
        { start: url.schemeSpan.start, end: url.schemeSpan.end, text: 'mongodb' },
        { start: url.hosts.start, end: url.hosts.end, text: addressList(addresses) },
      ]
      const file = parameter(url, 'tlscafile')
      if (file !== undefined && ca !== undefined) {
        edits.push({ start: file.start, end: file.end, text: encodeURIComponent(ca.file) })
      }
      const added = missingOptions(url, answer?.options ?? '')
      if (added !== '') {
        const slash = url.path.text === '' ? '/' : ''
        edits.push({ start: url.append.at, end: url.append.at, text: `${slash}${url.append.before}${added}` })
      }
      return applyEdits(text, edits)
    },
  }
}

function missingOptions(url: SplitUrl, options: string): string {
  const wanted = options.split('&').filter((option) => /^(authSource|replicaSet|loadBalanced)=[\w.$-]+$/i.test(option))
  return wanted.filter((option) => parameter(url, option.split('=', 1)[0]?.toLowerCase() ?? '') === undefined).join('&')
}

function isName(text: string): boolean {
  return text.length < 256 && /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(text)
}
