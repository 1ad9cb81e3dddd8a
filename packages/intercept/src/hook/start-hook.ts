import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

import type { ConnectionHandler } from '../relay/handler.ts'
import { COVERED_NODE_MAJORS, preloadPath, withPreload } from './environment.ts'
import { createFrameReader, encodeFrame, encodeJson, type Frame, FRAME } from './frames.ts'
import { observeProcess } from './observe-process.ts'
import { readObject } from './open-frame.ts'
import { serveConnection } from './serve-connection.ts'

/** How long `flush` waits for a process that does not answer, in milliseconds. */
const FLUSH_LIMIT_MS = 5000

/** What `startHook` needs to know. */
export interface HookOptions {
  /** Records or answers the connections of the service. */
  readonly handler: ConnectionHandler
  /** Connections to leave alone: `host:port` or the path of a Unix socket; `*` stands for anything. */
  readonly bypass?: readonly string[]
  /** Addresses to leave alone too: a regular expression on the host, and a port (0 is any). */
  readonly bypassRules?: readonly { readonly host: string; readonly port: number }[]
  /** The `NODE_OPTIONS` that the service is given otherwise. Default: those of this process. */
  readonly nodeOptions?: string
  /**
   * Variables that lead a process which is not hooked to relays: their values. A hooked process has those of `originals`
   * again before any code of the service runs. Default: none.
   */
  readonly relayEnv?: Readonly<Record<string, string>>
  /** What the service has without `relayEnv`. Default: nothing. */
  readonly originals?: Readonly<Record<string, string | undefined>>
  /** What its files of settings say, for a Node that reads one by `--env-file`. Default: nothing. */
  readonly fileSettings?: Readonly<Record<string, string | undefined>>
  /** Major versions of Node to hook. Default: `COVERED_NODE_MAJORS`. */
  readonly nodes?: readonly number[]
  /** Told of each of `problems` once, as soon as it is seen. */
  readonly onProblem?: (problem: string) => void
}

/** A hook that Node services can be started with. */
export interface Hook extends AsyncDisposable {
  /** Variables to start the service with. */
  readonly env: Readonly<Record<string, string>> & { readonly NODE_OPTIONS: string; readonly KEPLOY_HOOK: string }
  /** How many processes and threads are hooked now. */
  readonly connected: number
  /** Versions of Node that were seen, as `process.version` gives them. */
  readonly versions: readonly string[]
  /** What was wrong, as sentences: a version of Node that is not hooked, a process that did not answer. */
  readonly problems: readonly string[]
  /** Resolves when all that hooked processes have written or read so far has reached the handler. */
  flush(): Promise<void>
  /** Flushes and stops; services go on unhooked when they were recorded. */
  close(): Promise<void>
}

/** One process or thread: what is told to it, and what is waited for. */
interface Peer {
  readonly socket: net.Socket
  readonly listens: Set<string>
  readonly waiting: Map<number, () => void>
}

/**
 * Listens for Node services that are started with the variables in `env`, and gives their connections to a handler.
 *
 * @example
 * const hook = await startHook({ handler: { mode: 'record', observe: () => ({ push() {}, end() {}, abort() {} }) } })
 * console.log(hook.env.NODE_OPTIONS)
 * await hook.close()
 */
export async function startHook(given: HookOptions): Promise<Hook> {
  const {
    handler,
    bypass = [],
    bypassRules = [],
    nodeOptions,
    onProblem,
    relayEnv = {},
    originals = {},
    fileSettings = {},
  } = given
  const nodes = given.nodes ?? COVERED_NODE_MAJORS
  const token = randomBytes(24).toString('base64url')
  const windows = process.platform === 'win32'
  const folder = windows ? undefined : await mkdtemp(path.join(os.tmpdir(), 'keploy-hook-'))
  const address =
    folder === undefined ? `\\\\.\\pipe\\keploy-hook-${randomBytes(8).toString('hex')}` : path.join(folder, 's')
  const peers = new Set<Peer>()
  const sockets = new Set<net.Socket>()
  const versions = new Set<string>()
  const problems = new Set<string>()
  let flushes = 0
  const report = (problem: string): void => {
    if (problems.has(problem)) return
    problems.add(problem)
    onProblem?.(problem)
  }

  function tellListens(): void {
    const keys = [...new Set([...peers].flatMap((peer) => [...peer.listens]))]
    for (const { socket } of peers) socket.write(encodeJson(FRAME.listen, 0, keys))
  }

  function attachProcess(
    socket: net.Socket,
    hello: Record<string, unknown>,
  ): { receive(frame: Frame): void; close(): void } {
    versions.add(String(hello['version']))
    const peer: Peer = { socket, listens: new Set(), waiting: new Map() }
    const observer = handler.mode === 'record' ? observeProcess(handler) : undefined
    peers.add(peer)
    tellListens()
    return {
      receive(frame) {
        if (frame.type === FRAME.flushed) peer.waiting.get(frame.connection)?.()
        else if (frame.type === FRAME.listen) {
          const { key, on } = readObject(frame.payload)
          if (on === true) peer.listens.add(String(key))
          else peer.listens.delete(String(key))
          tellListens()
        } else observer?.receive(frame)
      },
      close() {
        peers.delete(peer)
        observer?.close(Date.now())
        for (const done of peer.waiting.values()) done()
      },
    }
  }

  function noteUnhooked(version: string): void {
    versions.add(version)
    const instead =
      Object.keys(relayEnv).length > 0 ? 'its dependencies are reached through relays' : 'use relays for it'
    report(`Node ${version} is none that the hook was tried with (${nodes.join(', ')}), and is not hooked; ${instead}.`)
  }

  function attachConnection(socket: net.Socket): { receive(frame: Frame): void; close(): void } | undefined {
    if (handler.mode !== 'replay') return undefined
    return serveConnection(
      handler,
      (frame) => {
        if (socket.writable) socket.write(frame)
      },
      () => socket.end(),
    )
  }

  const isToken = (given: unknown): boolean =>
    typeof given === 'string' &&
    given.length === token.length &&
    timingSafeEqual(Buffer.from(given), Buffer.from(token))

  const server = net.createServer((socket) => {
    sockets.add(socket)
    let attached: { receive(frame: Frame): void; close(): void } | undefined
    const read = createFrameReader((frame) => {
      if (attached !== undefined) return attached.receive(frame)
      const hello = frame.type === FRAME.hello ? readObject(frame.payload) : {}
      if (isToken(hello['token'])) {
        if (hello['role'] === 'unhooked') noteUnhooked(String(hello['version']))
        else attached = hello['role'] === 'process' ? attachProcess(socket, hello) : attachConnection(socket)
      }
      if (attached === undefined) socket.destroy()
    })
    socket.on('data', (chunk) => {
      if (!read(chunk)) socket.destroy()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      attached?.close()
    })
  })
  server.listen(address)
  await once(server, 'listening')

  async function flush(): Promise<void> {
    await Promise.all(
      [...peers].map(
        (peer) =>
          new Promise<void>((resolve) => {
            const number = ++flushes
            const finish = (): void => {
              clearTimeout(limit)
              peer.waiting.delete(number)
              resolve()
            }
            const limit = setTimeout(() => {
              report('A hooked process did not answer in time; its last calls may be missing.')
              finish()
            }, FLUSH_LIMIT_MS)
            peer.waiting.set(number, finish)
            peer.socket.write(encodeFrame(FRAME.flush, number))
          }),
      ),
    )
  }
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await flush()
    server.close()
    for (const socket of sockets) socket.destroy()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
  const closeOnce = (): Promise<void> => (closing ??= close())

  const options = withPreload(preloadPath(), undefined)
  const settings = Object.fromEntries(
    Object.entries(relayEnv).map(([name, to]) => [
      name,
      { from: originals[name] ?? null, file: fileSettings[name] ?? null, to },
    ]),
  )
  return {
    env: {
      ...relayEnv,
      NODE_OPTIONS: withPreload(preloadPath(), nodeOptions ?? process.env['NODE_OPTIONS']),
      KEPLOY_HOOK: JSON.stringify({
        path: address,
        token,
        mode: handler.mode,
        bypass,
        bypassRules,
        options,
        nodes,
        settings,
      }),
    },
    get connected() {
      return peers.size
    },
    get versions() {
      return [...versions]
    },
    get problems() {
      return [...problems]
    },
    flush,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  }
}
