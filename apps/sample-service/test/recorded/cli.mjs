// The command from its sources.
import { main } from '../../../cli/src/main.ts'

process.exitCode = await main(process.argv.slice(2))
