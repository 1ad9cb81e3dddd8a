export { InterceptError } from './errors.ts'
export type { Tap, TapListen, TapOptions, TapStats, TapTarget, TargetTls } from './tap/options.ts'
export { startTap } from './tap/start-tap.ts'
