// Relays in a process of their own: they record to a journal with redaction (`record`), answer from mocks (`mocks`), or are
// the least that a relay in Node can be (`pipe`): two sockets, each piped into the other. Or what a hook records (`hook`).
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'

import { startHook, startRelays, type ConnectionHandler, type Route } from '../../packages/intercept/src/index.ts'
import { recordCalls } from '../../packages/recorder/src/index.ts'
import { loadStandIn, serveStandIn } from '../../packages/runner/src/mocks/stand-in.ts'

const [mode = '', directory = '', targets = '{}'] = process.argv.slice(2)
const ports: Record<string, number> = {}
let env: Readonly<Record<string, string>> = {}
let finish = async (): Promise<void> => undefined
const problem = (text: string): void => console.error(text)

function open(handler: ConnectionHandler): ReturnType<typeof startRelays> {
  const certificateFor = (): never => {
    throw new Error('nothing here speaks TLS')
  }
  return startRelays({ handler, certificateFor, onProblem: (_route, text) => problem(text) })
}

if (mode === 'record') {
  const recording = await recordCalls({ directory, testSet: 'set', existing: 'append', onGap: problem })
  const relays = open(recording.handler)
  for (const [protocol, port] of Object.entries(JSON.parse(targets) as Record<string, number>)) {
    const target = { host: '127.0.0.1', port }
    const route = {
      dependency: `${protocol} 127.0.0.1:${port}`,
      protocol,
      target,
      tls: { mode: 'off' },
      via: 'relay',
    } as Route
    ports[protocol] = (await relays.open(route)).port
  }
  finish = async () => {
    await relays.close({ graceMs: 500 })
    await recording.finish()
  }
} else if (mode === 'hook') {
  const recording = await recordCalls({ directory, testSet: 'hooked', existing: 'append', onGap: problem })
  const hook = await startHook({ handler: recording.handler, nodeOptions: '', onProblem: problem })
  env = hook.env
  finish = () => hook.close()
} else if (mode === 'pipe') {
  for (const [protocol, port] of Object.entries(JSON.parse(targets) as Record<string, number>)) {
    const server = net.createServer({ noDelay: true }, (client) => {
      const real = net.connect({ host: '127.0.0.1', port, noDelay: true })
      client.pipe(real).pipe(client)
      for (const [one, other] of [
        [client, real],
        [real, client],
      ] as const)
        one.on('error', () => other.destroy())
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ports[protocol] = (server.address() as AddressInfo).port
  }
} else {
  const standIn = await loadStandIn({
    sets: [{ name: 'set', directory: join(directory, 'set') }],
    onMiss: ({ message }) => problem(message),
  })
  for (const { message } of standIn.issues) problem(message)
  const { served } = await serveStandIn(standIn, { onProblem: problem })
  for (const { protocol, port } of served) ports[protocol] = port
}
process.on('message', (message: { readonly finish?: boolean }) => {
  if (message.finish !== true) process.send!({ cpu: process.cpuUsage() })
  else void finish().then(() => process.send!({}))
})
process.send!({ ports, env })
