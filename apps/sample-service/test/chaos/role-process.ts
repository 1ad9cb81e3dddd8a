import type { Role } from '../../src/platform-parts.ts'
import { runPlatform } from '../platform-process.ts'

/** How often a start is tried that fails because a service was too busy to answer, as a supervisor would. */
const STARTS = 20

/** One role as a process that is killed and started again. */
export async function startRole(role: Role, env: NodeJS.ProcessEnv, module?: string) {
  const start = async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await runPlatform(['--role', role], env, module)
      } catch (error) {
        if (attempt === STARTS) throw error
      }
    }
  }
  let current = await start()
  return {
    /** Where the process listens that runs now; it changes with each start. */
    get url() {
      return current.url
    },
    get log() {
      return current.log()
    },
    /** Ends the process without a warning, and resolves when the next one is ready. */
    async killAndRestart(): Promise<[number | null, NodeJS.Signals | null]> {
      const ended = await current.stop('SIGKILL')
      current = await start()
      return ended
    },
    stop: () => current.stop(),
    [Symbol.asyncDispose]: () => current[Symbol.asyncDispose](),
  }
}
