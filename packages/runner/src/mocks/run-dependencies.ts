import { openDependencies, type ConnectionHandler, type OpenDependencies } from '@keploy-framework/intercept'
import { CallRecorder } from '@keploy-framework/recorder'

import type { DependencyOptions } from '../run/run-options.ts'
import type { MockSession } from './mock-session.ts'

/** The dependencies of a service for one run: relays that stay, and the mocks of the set that is being replayed. */
export interface RunDependencies {
  /** Variables to start the service with. */
  readonly env: Readonly<Record<string, string>>
  /** The folder of certificates; absent with the hook. */
  readonly folder?: string
  /** What was rewritten, for people. */
  readonly table: readonly string[]
  /** Resolves when what went by so far was seen. */
  flush(): Promise<void>
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
  const recorder = new CallRecorder({
    causeOf: () => current?.missing.cause(),
    onCall: (call) => current?.missing.take(call),
    onGap: (_dependency, reason) => options.onProblem(reason),
    onNotice: options.onProblem,
  })
  const replay: ConnectionHandler = {
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
    // What a container has is not what this process has.
    env: options.container === undefined ? { ...options.env, ...options.discover.env } : { ...options.discover.env },
    handler: options.recordMissing === true ? recorder.handler : replay,
    onProblem: options.onProblem,
    agreed: (dependency) => current?.agreed(dependency),
    ...(options.container !== undefined && {
      host: options.container.host,
      reachedAs: options.container.reachedAs,
      lookup: options.container.lookup,
      shared: true,
    }),
    ...(options.hook !== undefined && { hook: options.hook }),
    ...(options.proxy !== undefined && { proxy: options.proxy }),
  })
  return {
    env: opened.env,
    ...(opened.folder !== undefined && { folder: opened.folder }),
    table: opened.table,
    flush: () => opened.flush(),
    watch: (pid, onBypass) => opened.watch(pid, ({ remote }) => onBypass(`${remote.host}:${remote.port}`)),
    use: (session) => {
      current = session
    },
    close: () => opened.close(),
  }
}
