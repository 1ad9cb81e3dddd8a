export { main } from './main.ts'
export type { CliIo } from './cli/io.ts'
