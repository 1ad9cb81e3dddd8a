import type { ProtocolName } from '@keploy-framework/format'

import type { Route, TlsPolicy } from '../relay/handler.ts'

/** Where something listens, as a host that may be a name, and a port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What a setting is found with, beside its own value. */
export interface SettingContext {
  /** Another variable of the service, where a setting is spread over several. */
  readonly variable: (name: string) => string | undefined
  /** The text of a file that a setting names (a certificate), or nothing where it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** What is known of the servers behind a name of `mongodb+srv:`. */
  readonly srv: ReadonlyMap<string, SrvAnswer>
}

/** What the name service says of a `mongodb+srv:` name. */
export interface SrvAnswer {
  readonly targets: readonly Address[]
  /** The options of its text record: `authSource=admin&replicaSet=rs0`. */
  readonly options?: string
}

/** What the value of one variable leads to. */
export interface Setting {
  readonly protocol: ProtocolName
  readonly targets: readonly Route['target'][]
  /** How the targets are called, without the protocol: `db:5432`. Default: the targets. */
  readonly label?: string
  readonly tls: TlsPolicy
  /** Whether the client speaks TLS from its first byte, also with the relay. */
  readonly clientTls: boolean
  readonly credentials?: { readonly username: string; readonly password: string }
  /** The value that leads to these addresses; all but the address, and the file of a certificate, is as it was. */
  readonly write: (addresses: readonly Address[], ca?: { readonly file: string }) => string
}

/** A value that looks like a setting and cannot be used: why, without a word of the value. */
export interface Unusable {
  readonly problem: string
}

/** Writes a host so that a colon and a port can follow. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Addresses as a list with commas. */
export function addressList(addresses: readonly Address[]): string {
  return addresses.map(({ host, port }) => `${hostText(host)}:${port}`).join(',')
}

/** The address for the target of an index; a list that is shorter begins again. */
export function nthAddress(addresses: readonly Address[], index: number): Address {
  const address = addresses[index % Math.max(addresses.length, 1)]
  if (address === undefined) throw new TypeError('a setting needs at least one address')
  return address
}

/** Percent-decoded text; as it is where it cannot be decoded. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Username and password, when there is any. */
export function credentials(username: string | undefined, password: string | undefined): Pick<Setting, 'credentials'> {
  if ((username ?? '') === '' && (password ?? '') === '') return {}
  return { credentials: { username: username ?? '', password: password ?? '' } }
}

/** The same, with what clients of Postgres take from the environment where a setting leaves it out: PGUSER and PGPASSWORD. */
export function postgresCredentials(
  { credentials: given }: Pick<Setting, 'credentials'>,
  context: SettingContext,
): Pick<Setting, 'credentials'> {
  const known = (value: string | undefined, variable: string): string | undefined =>
    value === undefined || value === '' ? context.variable(variable) : value
  return credentials(known(given?.username, 'PGUSER'), known(given?.password, 'PGPASSWORD'))
}
