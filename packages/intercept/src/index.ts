export { InterceptError } from './errors.ts'
export { carry } from './relay/carry.ts'
export type { CarriedConnection, CarryContext } from './relay/carry.ts'
export type {
  ClientSide,
  ConnectionHandler,
  InboundRequest,
  ObservedConnection,
  Route,
  ServedConnection,
  TlsPolicy,
} from './relay/handler.ts'
export { startRelays } from './relay/start-relays.ts'
export type { Relays, RelaysOptions } from './relay/start-relays.ts'
export type { Tap, TapListen, TapOptions, TapStats, TapTarget, TargetTls } from './tap/options.ts'
export { startTap } from './tap/start-tap.ts'
export { createLocalCertificate } from './tls/local-certificate.ts'
export type { LocalCertificate, LocalCertificateOptions } from './tls/local-certificate.ts'
export { planRelays, srvNames } from './discover/plan-relays.ts'
export type {
  DiscoverProblem,
  MappedVariable,
  PlannedRelay,
  PlanRelaysOptions,
  RelayPlan,
} from './discover/planned-relay.ts'
export { redactedTable } from './discover/redacted-table.ts'
export type { Address, SettingContext, SrvAnswer } from './discover/setting.ts'
