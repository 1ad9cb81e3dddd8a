export { ConfigError } from './config-error.ts'
export { configJsonSchema } from './json-schema.ts'
export { defaults } from './defaults.ts'
export { editConfig } from './edit-config.ts'
export { KeployConfig } from './keploy-config.ts'
export { ConfigWatcher, watchConfig } from './watch-config.ts'
export { loadConfig } from './load-config.ts'
export { bypassAddresses, bypassMatcher } from './bypass-matcher.ts'
export type { AddressRule } from './bypass-matcher.ts'
export { environmentName } from './environment.ts'
export type { ConfigSource } from './merge-layers.ts'
export type { LoadConfigOptions, LoadedConfig } from './load-config.ts'
export type { SchemaNode } from './json-schema.ts'
export type {
  BypassRule,
  MappedDependency,
  MenuEntry,
  NoiseRules,
  RecordFilter,
  Replacement,
  ResolvedConfig,
  RunProjectConfig,
  ServiceConfig,
} from './resolved-config.ts'
export type { WrittenConfig } from './schema/written-config.ts'
export type { ConfigChanges, ValidateConfigOptions } from './keploy-config.ts'
export type { ConfigChange, WatchConfigOptions } from './watch-config.ts'
