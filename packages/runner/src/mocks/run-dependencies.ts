import { openDependencies, type ConnectionHandler, type OpenDependencies } from '@keploy-framework/intercept'

import type { DependencyOptions } from '../run/run-options.ts'
import type { MockSession } from './mock-session.ts'

/** The dependencies of a service for one run: relays that stay, and the mocks of the set that is being replayed. */
export interface RunDependencies {
  /** Variables to start the service with. */
  readonly env: Readonly<Record<string, string>>
  /** What was rewritten, for people. */
  readonly table: readonly string[]
  /** Watches the service for connections that go around us. */
  watch(pid: number, onBypass: (remote: string) => void): { look(): Promise<void>; close(): Promise<void> }
  /** Answers from the mocks of a set from here on; absent: nothing is answered. */
  use(session: MockSession | undefined): void
  close(): Promise<void>
}

/** Opens relays in front of everything that the service's settings lead to. */
export async function openRunDependencies(
  options: DependencyOptions & {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly onProblem: (message: string) => void
  },
): Promise<RunDependencies> {
  let current: MockSession | undefined
  const handler: ConnectionHandler = {
    mode: 'replay',
    serve(route, client) {
      if (current !== undefined) return current.handler.serve(route, client)
      // Between sets nobody is to be served.
      queueMicrotask(() => client.close('reset'))
      return { push: () => undefined, end: () => undefined, close: () => undefined }
    },
  }
  const opened: OpenDependencies = await openDependencies({
    ...options.discover,
    env: { ...options.env, ...options.discover.env },
    handler,
    onProblem: options.onProblem,
    ...(options.hook !== undefined && { hook: options.hook }),
    ...(options.proxy !== undefined && { proxy: options.proxy }),
  })
  return {
    env: opened.env,
    table: opened.table,
    watch: (pid, onBypass) => opened.watch(pid, ({ remote }) => onBypass(`${remote.host}:${remote.port}`)),
    use: (session) => {
      current = session
    },
    close: () => opened.close(),
  }
}
