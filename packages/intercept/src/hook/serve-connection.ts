import type { ConnectionHandler, ServedConnection } from '../relay/handler.ts'
import { decodeData, encodeData, encodeFrame, encodeJson, type Frame, FRAME } from './frames.ts'
import { chooseAlpn, readObject, toRoute } from './open-frame.ts'

/** One connection of a hooked process that is answered from mocks. */
export interface ServedSocket {
  receive(frame: Frame): void
  close(): void
}

/** Serves one connection of a hooked process; `send` takes frames, `finish` ends the connection. */
export function serveConnection(
  handler: Extract<ConnectionHandler, { mode: 'replay' }>,
  send: (frame: Buffer) => void,
  finish: () => void,
): ServedSocket {
  let served: ServedConnection | undefined
  let over = false
  let alpn: string | undefined

  function refuse(reason: string): void {
    if (over) return
    over = true
    send(encodeJson(FRAME.refused, 1, { reason }))
    finish()
  }
  function open(payload: Buffer): void {
    const route = toRoute(readObject(payload))
    if (route === undefined) return finish()
    alpn = chooseAlpn(route.tls.alpn)
    const address = 'host' in route.target ? route.target : { host: 'localhost', port: 0 }
    // Told first: nothing may reach the service before it has its connection.
    const early: Buffer[] = []
    let answer = (frame: Buffer): void => void early.push(frame)
    served = handler.serve(route, {
      send: (bytes) => over || answer(encodeData(1, bytes)),
      close(how) {
        if (over) return
        answer(encodeFrame(how === 'reset' ? FRAME.reset : FRAME.end, 1))
      },
      // The preload has the plain text of TLS, and says itself when it begins.
      startTls() {},
      refuse,
      selectAlpn(protocol) {
        alpn = protocol
      },
      address,
    })
    if (over) return
    send(encodeJson(FRAME.opened, 1, { ...(alpn !== undefined && { alpn }) }))
    for (const frame of early) send(frame)
    answer = send
  }
  return {
    receive({ type, payload }) {
      if (type === FRAME.open && served === undefined) return open(payload)
      if (served === undefined || over) return
      if (type === FRAME.data) {
        const data = decodeData(payload)
        if (data !== undefined) served.push(data.chunk, data.cause)
      } else if (type === FRAME.end) served.end()
      else if (type === FRAME.secure) {
        const { alpn: offered } = readObject(payload)
        const chosen = chooseAlpn(Array.isArray(offered) ? offered.map(String) : undefined)
        send(encodeJson(FRAME.secure, 1, { ...(chosen !== undefined && { alpn: chosen }) }))
      } else if (type === FRAME.abort) this.close()
    },
    close() {
      if (served !== undefined && !over) {
        over = true
        served.close()
      }
    },
  }
}
