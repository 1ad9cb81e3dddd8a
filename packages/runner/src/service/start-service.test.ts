import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createRedactor } from '@keploy-framework/redact'
import { describe, expect, it, vi } from 'vitest'

import { RunnerError } from '../errors.ts'
import { freePort, listen, listenTcp, nodeCommand, tempFolder } from '../testing/servers.ts'
import { startService } from './start-service.ts'

const server = (port: number, extra = ''): string =>
  `${extra};require('http').createServer((q,s)=>{if(q.url==='/die')process.exit(7);s.end('ok')}).listen(${port},'127.0.0.1')`

async function failure(promise: Promise<unknown>): Promise<RunnerError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RunnerError)
  return error as RunnerError
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('startService', () => {
  it('is ready when the port accepts connections, and stops with its scope', async () => {
    const port = await freePort()
    let pid: number
    {
      await using service = await startService({ command: nodeCommand(server(port)), port })
      pid = service.pid
      expect(service.alive).toBe(true)
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ok')
    }
    expect(isAlive(pid)).toBe(false)
  })

  it('takes a command line for the shell, with variables added to the environment', async () => {
    const port = await freePort()
    await using service = await startService({
      command: `echo "greeting $GREETING" && exec ${process.execPath} -e "${server(port).replaceAll('"', String.raw`\"`)}"`,
      env: { GREETING: 'hello' },
      port,
    })
    expect(service.output()).toContain('greeting hello')
  })

  it('does not take connections that end at once for a service, and asks what it waits for first', async () => {
    const port = await freePort()
    const code = `let n=0;require('net').createServer((s)=>{if(++n<3)s.destroy();else s.on('error',()=>{})}).listen(${port},'127.0.0.1').on('connection',()=>console.log('asked'))`
    let waited = 0
    const waitsFor = async (): Promise<string | undefined> => (++waited < 3 ? 'not up yet' : undefined)
    await using service = await startService({
      command: nodeCommand(code),
      port,
      readiness: { heldMs: 50, waitsFor },
    })
    expect(waited).toBeGreaterThanOrEqual(5)
    await vi.waitFor(() => expect(service.output()).toBe('asked\nasked\nasked'))
  })

  it('calls what ends it elsewhere before it is sent a signal', async () => {
    const port = await freePort()
    const alive: boolean[] = []
    const service = await startService({
      command: nodeCommand(server(port)),
      port,
      beforeStop: async () => void alive.push(isAlive(service.pid)),
    })
    await service.stop()
    await service.stop()
    expect(alive).toEqual([true])
  })

  it('waits for the health path to answer well', async () => {
    const port = await freePort()
    const code = `let n=0;require('http').createServer((q,s)=>{s.statusCode=++n<3?503:200;s.end(String(n))}).listen(${port},'127.0.0.1')`
    await using service = await startService({
      command: nodeCommand(code),
      port,
      readiness: { healthPath: '/health' },
    })
    expect(service.alive).toBe(true)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('4')
  })

  it('says that a command was not found, through the shell and without it', async () => {
    const port = await freePort()
    for (const command of ['no-such-command-anywhere --serve', ['no-such-command-anywhere', '--serve']]) {
      const error = await failure(startService({ command, port }))
      expect(error.code).toBe('KEPLOY_COMMAND_NOT_FOUND')
      expect(error.message).toContain('no-such-command-anywhere')
    }
  })

  it('says that a file may not be executed', async () => {
    await using folder = await tempFolder()
    const file = join(folder.path, 'serve')
    await writeFile(file, 'echo no', { mode: 0o644 })
    const error = await failure(startService({ command: [file] }))
    expect(error.message).toContain('may not be executed')
  })

  it('refuses an empty command', async () => {
    expect((await failure(startService({ command: ' ' }))).code).toBe('KEPLOY_COMMAND_NOT_FOUND')
  })

  it('shows how the service ended and what it said last when it dies before it is ready', async () => {
    const port = await freePort()
    const code = `console.error('Cannot reach the database');process.exit(3)`
    const error = await failure(startService({ command: nodeCommand(code), port }))
    expect(error.code).toBe('KEPLOY_SERVICE_EXITED')
    expect(error.message).toContain('exit code 3')
    expect(error.message).toContain('Cannot reach the database')
    const killed = await failure(startService({ command: nodeCommand(`process.kill(process.pid,'SIGKILL')`), port }))
    expect(killed.message).toContain('signal SIGKILL')
    expect(killed.message).toContain('It printed nothing.')
  })

  it('names what was probed when the service never becomes ready, and stops it', async () => {
    const port = await freePort()
    await using folder = await tempFolder()
    const file = join(folder.path, 'pid')
    const code = `require('fs').writeFileSync(${JSON.stringify(file)},String(process.pid));setInterval(()=>{},1e3)`
    const error = await failure(startService({ command: nodeCommand(code), port, readiness: { totalTimeoutMs: 600 } }))
    expect(error.code).toBe('KEPLOY_SERVICE_NOT_READY')
    expect(error.message).toContain(`TCP 127.0.0.1:${port}`)
    expect(error.message).toContain('connection refused')
    expect(isAlive(Number(await readFile(file, 'utf8')))).toBe(false)
  })

  it('tells a health path that fails from one that never answers', async () => {
    const busy = await freePort()
    const failing = `require('http').createServer((q,s)=>{s.statusCode=500;s.end()}).listen(${busy},'127.0.0.1')`
    const readiness = { healthPath: '/ready', totalTimeoutMs: 800, attemptTimeoutMs: 100 }
    const error = await failure(startService({ command: nodeCommand(failing), port: busy, readiness }))
    expect(error.message).toContain('GET /ready answered 500')
    const mute = await freePort()
    const hanging = `require('net').createServer(()=>{}).listen(${mute},'127.0.0.1')`
    const slow = await failure(startService({ command: nodeCommand(hanging), port: mute, readiness }))
    expect(slow.message).toContain('GET /ready had no answer within')
    const rude = await freePort()
    const resetting = `require('net').createServer((s)=>s.resetAndDestroy()).listen(${rude},'127.0.0.1')`
    const reset = await failure(startService({ command: nodeCommand(resetting), port: rude, readiness }))
    expect(reset.message).toMatch(/last result: .*(connection reset|socket hang up)/)
  })

  it('refuses a port that is taken before it starts anything', async () => {
    await using taken = await listen((_request, response) => response.end())
    const error = await failure(startService({ command: 'exit 1', port: taken.port }))
    expect(error.code).toBe('KEPLOY_PORT_IN_USE')
    expect(error.message).toContain(String(taken.port))
    expect(error.message).toContain('--port')
  })

  it('gives up at once when it is interrupted', async () => {
    const port = await freePort()
    const control = new AbortController()
    await using watched = await listenTcp(() => control.abort(new Error('enough')))
    const code = `require('net').connect(${watched.port},'127.0.0.1');setInterval(()=>{},1e3)`
    await expect(startService({ command: nodeCommand(code), port, signal: control.signal })).rejects.toThrow('enough')
  })
})

describe('a running service', () => {
  it('is killed when it ignores SIGTERM', async () => {
    const port = await freePort()
    const code = server(port, `process.on('SIGTERM',()=>console.log('ignored'))`)
    const service = await startService({ command: nodeCommand(code), port, stopGraceMs: 100 })
    const [first, second] = await Promise.all([service.stop(), service.stop()])
    expect(first).toEqual({ code: null, signal: 'SIGKILL' })
    expect(second).toBe(first)
  })

  it('takes its grandchildren with it', async () => {
    const port = await freePort()
    await using folder = await tempFolder()
    const file = join(folder.path, 'pid')
    const stubborn = `process.on('SIGTERM',()=>{});require('fs').writeFileSync(${JSON.stringify(file)},String(process.pid));setInterval(()=>{},1e3)`
    const code = `require('child_process').spawn(process.execPath,['-e',${JSON.stringify(stubborn)}],{stdio:'ignore'});${server(port)}`
    const service = await startService({ command: nodeCommand(code), port, stopGraceMs: 1_000 })
    const pid = await vi.waitFor(
      async () => Number(await readFile(file, 'utf8')) || Promise.reject(new Error('not yet')),
    )
    expect(isAlive(pid)).toBe(true)
    await service.stop()
    await vi.waitFor(async () => expect(await stateOf(pid)).toMatch(/^(gone|Z)$/))
  })

  it('keeps running when its launcher puts it into the background', async () => {
    const port = await freePort()
    const code = server(port).replaceAll('"', String.raw`\"`)
    await using service = await startService({ command: `${process.execPath} -e "${code}" & exit 0`, port })
    await service.exited
    expect(service.alive).toBe(true)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ok')
  })

  it('says how it ended when it dies by itself', async () => {
    const port = await freePort()
    await using service = await startService({ command: nodeCommand(server(port)), port })
    await expect(fetch(`http://127.0.0.1:${port}/die`)).rejects.toThrow(/fetch failed/)
    expect(await service.exited).toEqual({ code: 7, signal: null })
    expect(service.alive).toBe(false)
    expect(service.stopping).toBe(false)
    expect(await service.stop()).toEqual({ code: 7, signal: null })
  })

  it('keeps the end of a flood of output in constant memory', async () => {
    const flood = `const b=Buffer.alloc(65536,'x'.repeat(1023)+'\\n');let n=0;const w=()=>{while(n++<1600)if(!process.stdout.write(b))return process.stdout.once('drain',w);process.stdout.write('the last line\\n')};w()`
    const before = process.memoryUsage()
    await using service = await startService({ command: nodeCommand(flood), redactor: createRedactor() })
    await service.exited
    await vi.waitFor(() => expect(service.output(1)).toBe('the last line'), 20_000)
    expect(service.outputBytes).toBe(1600 * 65_536 + 14)
    expect(service.output(10_000).length).toBeLessThanOrEqual(64 * 1024)
    const after = process.memoryUsage()
    expect(after.external - before.external).toBeLessThan(32 * 2 ** 20)
  }, 60_000)

  it('shows its output without secrets', async () => {
    const code = `process.stdout.write('Authorization: Bea');setTimeout(()=>console.log('rer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ'),20)`
    await using service = await startService({ command: nodeCommand(code), redactor: createRedactor() })
    await service.exited
    expect(service.output()).toContain('{{secret.1}}')
    expect(service.output()).not.toContain('eyJhbGciOiJIUzI1NiJ9')
  })
})

async function stateOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.charAt(0) ?? 'gone'
  } catch {
    return isAlive(pid) && process.platform !== 'linux' ? 'alive' : 'gone'
  }
}
