// The whole product in one go, through the commands that a user has: record nine requests to the sample service, start
// the service fresh, replay, report.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, 'demo-output')
const cli = join(root, 'apps/cli/bin/keploy-framework.js')
const service = [process.execPath, join(root, 'apps/sample-service/bin/sample-service.js'), '--log-level', 'warn']

const { driveNineRequests } = await import(new URL('../apps/sample-service/dist/index.js', import.meta.url).href)

await rm(output, { recursive: true, force: true })
await mkdir(output)
const port = await choosePort(8000)

console.log('\n── Record: nine requests to the sample service, through the tap ──\n')
const recorder = start(['record', '--port', String(port), '--keep', 'health', '--', ...service], 'pipe')
await ready(recorder)
for (const { name, method, path, status } of await driveNineRequests(`http://127.0.0.1:${port}`)) {
  console.log(
    `  ${status} ${method.padEnd(6)} ${path.length > 40 ? `${path.slice(0, 39)}…` : path.padEnd(40)}  ${name}`,
  )
}
recorder.kill('SIGINT')
await finished(recorder, 'record')

console.log('\n── Replay: against a fresh service, with a fresh database ──\n')
await finished(
  start(
    ['test', '--port', String(port), '--reporter', 'pretty,html', '--output', join(output, 'report'), '--', ...service],
    'inherit',
  ),
  'test',
)

function start(args: string[], stdio: 'inherit' | 'pipe'): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], { cwd: output, stdio: ['ignore', stdio, stdio] })
  child.stdout?.pipe(process.stdout)
  child.stderr?.pipe(process.stderr)
  return child
}

/** Resolves once the recorder says that clients may come. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('Recording')) resolve()
    })
    child.once('close', (code) => reject(new Error(`record ended with ${code} before it was ready`)))
  })
}

async function finished(child: ChildProcess, name: string): Promise<void> {
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('close', resolve)))
  if (code === 0) return
  console.error(`\nThe demo stops here: ${name} ended with ${code}.`)
  process.exit(code ?? 1)
}

/** The wanted port, or a free one when something listens there already. */
function choosePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && wanted !== 0) resolve(choosePort(0))
      else reject(error)
    })
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
