import net, { type LookupFunction, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import tls, { TLSSocket } from 'node:tls'

import { apiName } from '../discover/api-name.ts'
import { hostText, type Address } from '../discover/setting.ts'
import { carry } from '../relay/carry.ts'
import { connectUpstream } from '../relay/connect-upstream.ts'
import type { Route } from '../relay/handler.ts'
import { resetSocket } from '../tap/reset-socket.ts'
import { readClientHello, type ClientHello } from '../tls/client-hello.ts'
import type { ProxyState } from './start-proxy.ts'
import { UnspokenClient } from './unspoken-client.ts'

/** How long a client may be silent before its server is asked whether it is one that speaks first, in milliseconds. */
const SILENCE_MS = 250

/** Takes over a connection after CONNECT: TLS is ended here, all else is carried as it comes. */
export function openTunnel(client: Socket, rest: Buffer, target: Address, state: ProxyState): void {
  const { host, port } = target
  if (state.bypass?.(host, port) === true || state.pinned.has(`${host}:${port}`)) {
    client.unshift(rest)
    passThrough(client, target, state.lookup)
    return
  }
  let first = rest
  const decide = (): void => {
    const hello = first.length === 0 ? 'more' : readClientHello(first)
    if (hello === 'more') return
    settle(() =>
      hello === undefined ? carryPlain(client, target, first, state) : carryTls(client, target, hello, state),
    )
  }
  let greeting: UnspokenClient | undefined
  const settle = (next: () => void): void => {
    clearTimeout(timer)
    greeting?.leave()
    client.off('data', onData)
    client.off('end', onEnd)
    client.pause()
    if (first.length > 0) client.unshift(first)
    next()
  }
  const onData = (chunk: Buffer): void => {
    first = Buffer.concat([first, chunk])
    decide()
  }
  const onEnd = (): void => void client.destroy()
  const timer = setTimeout(() => {
    if (first.length > 0) return
    // The client may be slow to speak, too: whoever speaks first decides what this is.
    const unspoken = new UnspokenClient(client, () => settle(() => undefined))
    greeting = unspoken
    carryPlain(unspoken, target, first, state)
  }, SILENCE_MS)
  client.on('data', onData)
  client.on('end', onEnd)
  client.on('close', () => clearTimeout(timer))
  client.resume()
  if (first.length > 0) decide()
}

/** How often a client has to end TLS in silence to count as one that refuses our certificate. */
const SILENT_REFUSALS = 2

/** Connects two sides without a look at what they say. */
export function passThrough(client: Duplex, target: Address, lookup?: LookupFunction): void {
  const server = net.connect({ ...target, ...(lookup && { lookup }), allowHalfOpen: true, noDelay: true })
  client.pipe(server)
  server.pipe(client)
  server.on('error', () => resetSocket(client as Socket))
  client.on('error', () => server.destroy())
  client.on('close', () => server.destroy())
}

function carryPlain(client: Duplex, target: Address, first: Buffer, state: ProxyState): void {
  const http =
    /^[A-Z]{3,16} \S/.test(first.subarray(0, 32).toString('latin1')) ||
    first.subarray(0, 14).toString() === 'PRI * HTTP/2.0'
  const dependency = http ? apiName(false, target) : `tcp ${hostText(target.host)}:${target.port}`
  const route: Route = { dependency, protocol: 'auto', target, tls: { mode: 'off' }, via: 'proxy' }
  bring(client, route, state)
  client.resume()
}

function carryTls(client: Socket, target: Address, hello: ClientHello, state: ProxyState): void {
  const dependency = apiName(true, target)
  const route: Route = {
    dependency,
    protocol: 'auto',
    target,
    tls: {
      mode: 'direct',
      verify: true,
      ...(hello.servername !== undefined && { servername: hello.servername }),
      ...(state.trusted !== undefined && { ca: state.trusted }),
      ...(hello.alpn.length > 0 && { alpn: hello.alpn }),
    },
    via: 'proxy',
  }
  if (state.handler.mode === 'replay') {
    const agreed = state.agreed?.(dependency)
    const usual = hello.alpn.includes('http/1.1') ? 'http/1.1' : hello.alpn[0]
    endTls(client, route, agreed !== undefined && hello.alpn.includes(agreed) ? agreed : usual, state)
    return
  }
  // The server is asked first: what it agrees to is what the client is told.
  const upstream = connectUpstream(route, state.lookup) as TLSSocket
  const failed = (error: NodeJS.ErrnoException): void => {
    observeFailure(route, error, state)
    resetSocket(client)
  }
  const gone = (): void => void upstream.destroy()
  upstream.once('error', failed)
  client.once('close', gone)
  upstream.once('secureConnect', () => {
    upstream.off('error', failed)
    client.off('close', gone)
    endTls(
      client,
      route,
      upstream.alpnProtocol === false ? undefined : (upstream.alpnProtocol ?? undefined),
      state,
      upstream,
    )
  })
}

/** Ends the client's TLS with a certificate of ours, and brings what it says then to the handler. */
function endTls(client: Socket, route: Route, alpn: string | undefined, state: ProxyState, upstream?: TLSSocket): void {
  const host = route.tls.servername ?? ('host' in route.target ? route.target.host : '')
  const secured = new TLSSocket(client, {
    isServer: true,
    secureContext: tls.createSecureContext(state.certificateFor(host)),
    ...(alpn !== undefined && { ALPNProtocols: [alpn] }),
  })
  const refused = (error: NodeJS.ErrnoException): void => {
    upstream?.destroy()
    client.destroy()
    if (isRefusal(error)) pin(route, error, state)
  }
  const gone = (): void => {
    upstream?.destroy()
    secured.destroy()
    countSilence(route, state)
  }
  const lost = (error: NodeJS.ErrnoException): void => {
    observeFailure(route, error, state)
    client.destroy()
  }
  secured.once('error', refused)
  secured.once('end', gone)
  upstream?.once('error', lost)
  secured.once('secure', () => {
    secured.off('error', refused)
    secured.off('end', gone)
    upstream?.off('error', lost)
    bring(secured, { ...route, tls: { ...route.tls, ...(alpn !== undefined && { alpn: [alpn] }) } }, state, upstream)
    watchSilence(secured, route, state)
  })
}

function bring(client: Duplex, route: Route, state: ProxyState, upstream?: Socket): void {
  const { address, certificateFor, onProblem, handler, lookup } = state
  const relayFor = async (host: string, port: number): Promise<Address> => ({ host, port })
  state.track(
    carry(handler, client, route, {
      address,
      certificateFor,
      onProblem,
      relayFor,
      ...(upstream && { upstream }),
      ...(lookup && { lookup }),
    }),
  )
}

/** An alert by which a client says that it does not take a certificate. OpenSSL's names of them. */
function isRefusal({ code = '' }: NodeJS.ErrnoException): boolean {
  return /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)/.test(
    code,
  )
}

/** Counts connections that end after TLS has begun, and before anything was sent. */
function watchSilence(client: TLSSocket, route: Route, state: ProxyState): void {
  let spoke = false
  client.once('data', () => {
    spoke = true
    state.silent.set(keyOf(route), -1)
  })
  client.once('close', () => {
    if (!spoke) countSilence(route, state)
  })
}

/**
 * Node's TLS client checks a certificate once the handshake is over: all that shows a refusal is that nothing is ever sent.
 * Twice in a row counts, as long as no call went through.
 */
function countSilence(route: Route, state: ProxyState): void {
  const times = state.silent.get(keyOf(route)) ?? 0
  if (times === -1 || state.silent.size >= 1000) return
  state.silent.set(keyOf(route), times + 1)
  if (times + 1 === SILENT_REFUSALS) pin(route, new Error('connections end in silence'), state)
}

function keyOf({ target }: Route): string {
  return 'host' in target ? `${target.host}:${target.port}` : target.path
}

function pin(route: Route, error: NodeJS.ErrnoException, state: ProxyState): void {
  const word =
    /ALERT_(.*)$/
      .exec(error.code ?? '')?.[1]
      ?.toLowerCase()
      .replaceAll('_', ' ') ?? error.message
  const recording = state.handler.mode === 'record'
  const outcome = recording ? 'Its calls go by unrecorded from now on.' : 'Its calls cannot be answered.'
  state.onProblem(
    route,
    `the client does not take the certificate of this run (${word}): it pins certificates, or trusts roots of its own. ${outcome} Let it trust the file that NODE_EXTRA_CA_CERTS names, or map the variable that holds its URL.`,
  )
  if (recording) state.pinned.add(keyOf(route))
}

function observeFailure(route: Route, error: NodeJS.ErrnoException, state: ProxyState): void {
  const reason = error.code ?? error.message
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(reason)
  state.onProblem(route, untrusted ? `its certificate is not trusted: ${reason}` : `could not connect: ${reason}`)
  if (state.handler.mode === 'record') state.handler.observe(route).abort(Date.now(), reason)
}
