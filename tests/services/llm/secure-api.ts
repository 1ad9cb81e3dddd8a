import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'

import { createLocalCa } from '@keploy-framework/intercept'

/** An API behind HTTPS which, as those on the internet, answers to its own name only. */
export interface SecureApi extends AsyncDisposable {
  /** `name:port`. */
  readonly authority: string
  /** The certificate that a client has to trust, as a file. */
  readonly ca: string
  /** What `Host` said, of each request. */
  readonly hosts: readonly string[]
}

/** Puts HTTPS, and a name, in front of a server without them. */
export async function startSecureApi(origin: string): Promise<SecureApi> {
  const name = await ownName()
  const authority = createLocalCa()
  const folder = await mkdtemp(path.join(tmpdir(), 'keploy-llm-'))
  const ca = path.join(folder, 'ca.pem')
  await writeFile(ca, authority.cert)
  const hosts: string[] = []
  const server = https.createServer(authority.certificateFor(name), (request, response) => {
    const host = request.headers.host ?? ''
    hosts.push(host)
    if (host !== text()) {
      response.writeHead(421).end('this is not the host that you look for')
      return
    }
    const url = new URL(request.url ?? '/', origin)
    const onward = http.request(url, { method: request.method, headers: { ...request.headers, host: url.host } })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  const text = (): string => `${name}:${(server.address() as AddressInfo).port}`
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    authority: text(),
    ca,
    hosts,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A name of this machine that no client takes for one of its own. */
async function ownName(): Promise<string> {
  for (const name of [hostname(), 'ip4-localhost']) {
    const found = await lookup(name, 4).catch(() => undefined)
    if (name !== 'localhost' && found?.address.startsWith('127.') === true) return name
  }
  throw new Error('No name of this machine leads to 127.0.0.1; add its hostname to /etc/hosts.')
}
