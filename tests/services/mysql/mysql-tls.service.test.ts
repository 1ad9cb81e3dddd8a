/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a MySQL with its own way of logging in
 * Impact: a suite that runs in seconds, anywhere
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'

import { carry, type CarryContext, type ConnectionHandler, type Route } from '@keploy-framework/intercept'
import { mysqlProtocol, type ReadCall } from '@keploy-framework/wire'
import mysql from 'mysql2/promise'
import { describe, expect, it } from 'vitest'

import { serveCalls } from '../harness/serve-calls.ts'
import {
  hasGo,
  nativeAccount,
  sha2Account,
  startCachingSha2Server,
  type CachingSha2Server,
} from './caching-sha2-server.ts'
import { connectionOptions, failure, type Account } from './mysql-work.ts'

interface Relay extends AsyncDisposable {
  readonly port: number
  readonly calls: ReadCall[]
  readonly gaps: string[]
  readonly problems: string[]
}

/** A relay that ends TLS with the certificate of the server, and reads what goes by. */
async function startRelay(
  server: CachingSha2Server,
  mode: Route['tls']['mode'],
  handler?: ConnectionHandler,
): Promise<Relay> {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  const problems: string[] = []
  const [cert, key] = await Promise.all([readFile(server.certificate, 'utf8'), readFile(server.key, 'utf8')])
  let ids = 0
  const observing: ConnectionHandler = {
    mode: 'record',
    observe() {
      const reader = mysqlProtocol.createReader({ connection: 1, nextId: () => ++ids }, (event) => {
        if (event.type === 'call') calls.push(event.call)
        if (event.type === 'gap') gaps.push(event.reason)
      })
      return {
        push: (from, chunk, at) => reader.push(from, chunk, at),
        end: (from, at) => reader.end(from, at),
        abort: (at) => reader.abort(at),
      }
    },
  }
  const target = { host: '127.0.0.1', port: server.port }
  const route: Route = { dependency: 'mysql', protocol: 'mysql', target, tls: { mode, verify: false }, via: 'relay' }
  const context: CarryContext = {
    address: { host: '127.0.0.1', port: 1 },
    certificateFor: () => ({ cert, key }),
    relayFor: async (host, port) => ({ host, port }),
    onProblem: (_route, problem) => problems.push(problem),
  }
  const sockets = new Set<net.Socket>()
  const listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    carry(handler ?? observing, socket, route, context)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    calls,
    gaps,
    problems,
    async [Symbol.asyncDispose]() {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function work(account: Account, port: number, tls: boolean): Promise<unknown[]> {
  const options = { ...connectionOptions(account, port), multipleStatements: false }
  const connection = await mysql.createConnection({ ...options, ...(tls && { ssl: { rejectUnauthorized: false } }) })
  try {
    await connection.query('drop table if exists t')
    await connection.query('create table t (id int primary key, name varchar(20))')
    return [
      (await connection.execute('insert into t values (?, ?)', [1, 'Zoë']))[0],
      (await connection.execute('select id, name from t where id = ?', [1]))[0],
      (await connection.query('select id, name from t'))[0],
    ]
  } finally {
    await connection.end()
  }
}

describe.skipIf(!(await hasGo()))('TLS and caching_sha2_password', () => {
  it.each([
    ['caching_sha2_password, TLS on both sides', sha2Account, true, 'prefer'],
    ['mysql_native_password, TLS on both sides', nativeAccount, true, 'require'],
    ['mysql_native_password, TLS on both sides though the setting says nothing of it', nativeAccount, true, 'off'],
    ['mysql_native_password, TLS on none though the server offers it', nativeAccount, false, 'prefer'],
  ] as const)('%s: recorded, and answered without the server', async (_name, account, clientTls, mode) => {
    await using server = await startCachingSha2Server()
    await using relay = await startRelay(server, mode)
    const recorded = await work(account, relay.port, clientTls)
    expect([relay.problems, relay.gaps]).toEqual([[], []])
    expect(relay.calls[0]).toMatchObject({ operation: 'connect', request: { user: account.user } })
    expect(JSON.stringify(relay.calls)).not.toContain(account.password)
    await server.stop()
    await using mocked = await serveCalls(mysqlProtocol, relay.calls)
    expect(await work(account, mocked.port, false)).toEqual(recorded)
    expect(mocked.misses).toEqual([])
  })

  it('a client without TLS is told what the server says to clients without TLS', async () => {
    await using server = await startCachingSha2Server()
    const direct = await failure(work(sha2Account, server.port, false))
    await using relay = await startRelay(server, 'require')
    expect(await failure(work(sha2Account, relay.port, false))).toEqual(direct)
    expect(direct).not.toBe('no error')
  })
})
