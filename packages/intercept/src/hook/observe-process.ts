import type { ConnectionHandler, ObservedConnection } from '../relay/handler.ts'
import { decodeData, type Frame, FRAME } from './frames.ts'
import { readObject, toRoute } from './open-frame.ts'

/** Follows the connections that one hooked process tells of. */
export interface ProcessObserver {
  receive(frame: Frame): void
  /** The process has ended, and with it all connections that are still open. */
  close(at: number): void
}

/** Gives what frames tell to a recording. */
export function observeProcess(handler: Extract<ConnectionHandler, { mode: 'record' }>): ProcessObserver {
  const connections = new Map<number, ObservedConnection>()
  return {
    receive({ type, connection, payload }) {
      if (type === FRAME.open) {
        const route = toRoute(readObject(payload))
        if (route !== undefined) connections.set(connection, handler.observe(route))
        return
      }
      const observed = connections.get(connection)
      if (observed === undefined) return
      if (type === FRAME.data) {
        const data = decodeData(payload)
        if (data !== undefined) observed.push(data.from, data.chunk, data.at, data.cause)
      } else if (type === FRAME.end && payload.length >= 9) {
        observed.end(payload[0] === 2 ? 'server' : 'client', payload.readDoubleBE(1))
      } else if (type === FRAME.secure) {
        const { alpn } = readObject(payload)
        observed.secured?.(typeof alpn === 'string' ? { alpn } : {})
      } else if (type === FRAME.abort) {
        const { at, reason } = readObject(payload)
        connections.delete(connection)
        observed.abort(typeof at === 'number' ? at : Date.now(), typeof reason === 'string' ? reason : undefined)
      }
    },
    close(at) {
      for (const observed of connections.values()) observed.abort(at)
      connections.clear()
    },
  }
}
