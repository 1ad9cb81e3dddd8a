export type { Category, KeploySettings } from './categories/settings.ts'
export { type KeployPlugin, plugin, plugin as default } from './plugin.ts'
