import type { ProtocolName } from '@keploy-framework/format'

import type { Route, TlsPolicy } from '../relay/handler.ts'
import type { Address, SettingContext } from './setting.ts'

/** What a person says of a variable in `dependencies.map` of `keploy.yml`. */
export interface MappedVariable {
  /** Default: by the scheme of the value, `http` for an address without one. */
  readonly protocol?: ProtocolName
  /** Where it leads, as `host:port` or a URL, in place of what the variable holds. */
  readonly target?: string
}

export interface PlanRelaysOptions {
  /** The environment that the service is started with. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The `.env` files that the service reads, the later over the earlier. */
  readonly envFiles?: readonly { readonly name: string; readonly text: string }[]
  /** By the name of the variable. */
  readonly map?: Readonly<Record<string, MappedVariable>>
  /** Variables that are left alone. */
  readonly ignore?: readonly string[]
  /** Whether calls to an address are neither recorded nor mocked. Default: none. */
  readonly bypass?: (host: string, port: number) => boolean
  /** The same as rules, which processes with the Node hook are told: a regular expression on the host, and a port (0 is any). */
  readonly bypassRules?: readonly { readonly host: string; readonly port: number }[]
  /** The text of a file that a setting names; nothing when it cannot be read. Default: nothing. */
  readonly readFile?: SettingContext['readFile']
  /** What `resolveSrvNames` found. Default: empty; the name itself is then the target. */
  readonly srv?: SettingContext['srv']
}

/** A relay that a setting needs, and how the setting is written to lead to it. */
export interface PlannedRelay {
  /** The variables it was found in: `DATABASE_URL`, or `PGHOST, PGPORT`. */
  readonly source: string
  /** `environment`, `keploy.yml`, or the name of the `.env` file. */
  readonly origin: string
  /** Without credentials: `postgres db:5432`. */
  readonly dependency: string
  readonly protocol: ProtocolName
  /** One, or several for one list of servers. Each wants a relay of its own. */
  readonly targets: readonly Route['target'][]
  readonly tls: TlsPolicy
  /** Whether the service speaks TLS with the relay from its first byte. */
  readonly clientTls: boolean
  readonly credentials?: { readonly username: string; readonly password: string }
  /** The variables to start the service with. `addresses` belong to `targets`, in the same order. */
  write(addresses: readonly Address[], ca?: { readonly file: string }): Record<string, string>
}

/** A setting that looks like one of a dependency and cannot be used. Never holds the value. */
export interface DiscoverProblem {
  readonly variable: string
  readonly origin: string
  readonly message: string
}

/** What was found. */
export interface RelayPlan {
  readonly relays: readonly PlannedRelay[]
  readonly problems: readonly DiscoverProblem[]
  /** The proxy that the service was to use already, by its variable (`HTTPS_PROXY`). */
  readonly proxy?: { readonly source: string; readonly address: Address }
}
