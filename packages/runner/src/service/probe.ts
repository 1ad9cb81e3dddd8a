import { request } from 'node:http'
import { connect } from 'node:net'

export interface ProbeOptions {
  readonly host: string
  readonly port: number
  /** Asked for after the port accepts connections; any status from 200 to 399 means ready. */
  readonly healthPath?: string
  /** Milliseconds. */
  readonly timeoutMs: number
  /** Milliseconds for which the connection has to stay open. Default: 0. */
  readonly heldMs?: number
}

/** One attempt to reach the service. Resolves with `undefined` when it is ready, else with what went wrong. */
export async function probe(options: ProbeOptions): Promise<string | undefined> {
  const refused = await probePort(options)
  if (refused !== undefined || options.healthPath === undefined) return refused
  return probeHealth(options, options.healthPath)
}

/** Whether somebody accepts connections there; `undefined` means yes. */
export function probePort(options: ProbeOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: options.host, port: options.port })
    const settle = (problem: string | undefined) => {
      socket.destroy()
      resolve(problem)
    }
    socket.setTimeout(options.timeoutMs, () => settle(`no connection within ${options.timeoutMs} ms`))
    socket.once('connect', () => {
      if (options.heldMs === undefined || options.heldMs === 0) settle(undefined)
      else setTimeout(settle, options.heldMs, undefined)
    })
    socket.once('close', () => settle('the connection was closed at once'))
    // Without a reader, the end of the other side is not seen.
    socket.resume()
    socket.once('error', (error: NodeJS.ErrnoException) => settle(describe(error)))
  })
}

function probeHealth(options: ProbeOptions, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host: options.host, port: options.port, path, agent: false, headers: { accept: '*/*' } })
    const timer = setTimeout(() => {
      asked.destroy()
      resolve(`GET ${path} had no answer within ${options.timeoutMs} ms`)
    }, options.timeoutMs)
    const settle = (problem: string | undefined) => {
      clearTimeout(timer)
      asked.destroy()
      resolve(problem)
    }
    asked.once('response', (response) => {
      const status = response.statusCode ?? 0
      settle(status >= 200 && status < 400 ? undefined : `GET ${path} answered ${status}`)
    })
    asked.once('error', (error: NodeJS.ErrnoException) => settle(`GET ${path}: ${describe(error)}`))
    asked.end()
  })
}

function describe(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'connection refused'
  if (error.code === 'ECONNRESET') return 'connection reset'
  return error.message
}
