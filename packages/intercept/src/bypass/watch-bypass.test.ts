import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

import fc from 'fast-check'
import { expect, test, vi } from 'vitest'

import { parseSocketTable } from './socket-table.ts'
import { findBypasses, watchBypass, type Bypass } from './watch-bypass.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

test('the table of Linux is read, with addresses of both versions', () => {
  const text = `${HEAD}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0200000A:C350 0502000A:1538 01 00000000:00000000 00:00000000 00000000  1000        0 12 1 0 20 4 30 10 -1
   2: 00000000000000000000000001000000:C351 B80D0120000000000000000001000000:01BB 02 00000000:00000000 00:00000000 00000000  1000        0 13 1 0
   3: 0000000000000000FFFF00000100007F:C352 0000000000000000FFFF00000200007F:0050 01 00000000:00000000 00:00000000 00000000  1000        0 14 1 0
nonsense
`
  expect(parseSocketTable(text)).toEqual([
    { local: { host: '127.0.0.1', port: 8080 }, remote: { host: '0.0.0.0', port: 0 }, state: 10, inode: '11' },
    { local: { host: '10.0.0.2', port: 50_000 }, remote: { host: '10.0.2.5', port: 5432 }, state: 1, inode: '12' },
    { local: { host: '::1', port: 50_001 }, remote: { host: '2001:db8::1', port: 443 }, state: 2, inode: '13' },
    { local: { host: '127.0.0.1', port: 50_002 }, remote: { host: '127.0.0.2', port: 80 }, state: 1, inode: '14' },
  ])
})

test('whatever the table holds, it is read', () => {
  const line = fc.stringMatching(
    /^ {0,3}[0-9]{1,2}: [0-9A-F]{8}:[0-9A-F]{4} [0-9A-F]{32}:[0-9A-F]{4} [0-9A-F]{2} a b c {1,3}0 {1,3}0 [0-9]{1,4} $/,
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
      for (const { local, remote } of parseSocketTable(lines.join('\n'))) {
        expect(net.isIP(local.host)).toBeGreaterThan(0)
        expect(net.isIP(remote.host)).toBeGreaterThan(0)
      }
    }),
    { numRuns: 500 },
  )
})

test('what came in, what is allowed and calls to itself are no bypass', () => {
  const socket = (localPort: number, host: string, port: number, state = 1) => ({
    pid: 1,
    inode: '1',
    state,
    local: { host: '127.0.0.1', port: localPort },
    remote: { host, port },
  })
  const sockets = [
    socket(8080, '0.0.0.0', 0, 10),
    socket(8080, '10.0.0.9', 50_000),
    socket(50_001, '127.0.0.1', 8080),
    socket(50_002, '127.0.0.1', 41_000),
    socket(50_003, '10.0.0.9', 5432),
    socket(50_004, '10.0.0.9', 6379, 6),
  ]
  expect(findBypasses(sockets, (host, port) => host === '127.0.0.1' && port === 41_000)).toEqual([
    { pid: 1, remote: { host: '10.0.0.9', port: 5432 } },
  ])
})

test.runIf(process.platform === 'linux')(
  'a connection of a child of the service is seen, once',
  async () => {
    const servers = [net.createServer(), net.createServer()]
    for (const server of servers) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
    }
    const [relay = 0, direct = 0] = servers.map((server) => (server.address() as AddressInfo).port)
    const inner = `const net=require('net');for(const port of [${relay},${direct},${direct}])net.connect(port,'127.0.0.1')`
    const outer = `require('child_process').spawn(process.execPath,['-e',${JSON.stringify(inner)}]);setInterval(()=>{},1000);process.on('disconnect',()=>process.exit())`
    const child = spawn(process.execPath, ['-e', outer], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const found: Bypass[] = []
    const sockets: net.Socket[] = []
    for (const server of servers) server.on('connection', (socket) => sockets.push(socket))
    const watch = watchBypass({
      pid: child.pid ?? 0,
      allowed: (_host, port) => port === relay,
      onBypass: (bypass) => found.push(bypass),
    })
    expect(watch.sees).toBe(true)
    await vi.waitFor(() => expect(found).toHaveLength(1), { timeout: 20_000 })
    await vi.waitFor(() => expect(sockets).toHaveLength(3), { timeout: 20_000 })
    await watch.look()
    expect(found).toEqual([{ pid: expect.any(Number), remote: { host: '127.0.0.1', port: direct } }])
    expect(found[0]?.pid).not.toBe(child.pid)
    await watch.close()
    for (const socket of sockets) socket.destroy()
    child.kill()
    for (const server of servers) server.close()
  },
  60_000,
)
