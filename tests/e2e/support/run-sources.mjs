import { main } from '../../../apps/cli/src/main.ts'

process.exitCode = await main(process.argv.slice(2))
