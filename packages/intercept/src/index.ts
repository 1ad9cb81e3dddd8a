export { createLocalCa } from './ca/local-ca.ts'
export type { LocalCa, LocalCaOptions } from './ca/local-ca.ts'
export { trustedRoots, writeTrustFiles } from './ca/trust-files.ts'
export type { TrustFiles, TrustFilesOptions } from './ca/trust-files.ts'
export { trustVariables } from './ca/trust-variables.ts'
export { proxyVariables } from './proxy/proxy-variables.ts'
export { startProxy } from './proxy/start-proxy.ts'
export type { Proxy, ProxyOptions } from './proxy/start-proxy.ts'
export { watchBypass } from './bypass/watch-bypass.ts'
export type { Bypass, BypassWatch, WatchBypassOptions } from './bypass/watch-bypass.ts'
export {
  composeEnvironment,
  composeOverride,
  composePort,
  composeService,
  CONTAINER_HOST,
  publishedPort,
} from './compose/compose-override.ts'
export { readContainerCommand, splitWords } from './compose/container-command.ts'
export type { ComposeCommand, ContainerCommand, RunCommand } from './compose/container-command.ts'
export type { ComposeOverride, ComposeOverrideOptions } from './compose/compose-override.ts'
export { bridgeAddress, dockerRunArguments } from './compose/docker-run.ts'
export type { DockerRunOptions } from './compose/docker-run.ts'
export { InterceptError } from './errors.ts'
export { freePort } from './free-port.ts'
export { COVERED_NODE_MAJORS, isCoveredNode } from './hook/environment.ts'
export { startHook } from './hook/start-hook.ts'
export type { Hook, HookOptions } from './hook/start-hook.ts'
export { openDependencies } from './dependencies/open-dependencies.ts'
export type { OpenDependencies, OpenDependenciesOptions } from './dependencies/open-dependencies.ts'
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
export { dependencyName } from './discover/api-name.ts'
export { redactedTable } from './discover/redacted-table.ts'
export type { Address, SettingContext, SrvAnswer } from './discover/setting.ts'
