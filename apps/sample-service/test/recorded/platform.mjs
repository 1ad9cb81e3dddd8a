// The platform from its sources: recordings and replays need no build.
import { platformMain } from '../../src/platform-main.ts'

process.exitCode = await platformMain(['--log-level', 'warn', ...process.argv.slice(2)])
