/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: APIs over HTTP/2
 * Impact: a suite that runs in seconds, anywhere
 */
import { spawnSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'

import { createLocalCa } from '@keploy-framework/intercept'
import { expect, it } from 'vitest'

import { recordService } from '../harness/record-and-replay.ts'

const required = process.env['KEPLOY_REQUIRE_SERVICES'] === 'all'
const curl = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? ''
const named = (await lookup(hostname(), 4).catch(() => undefined))?.address.startsWith('127.') === true

it.skipIf((!curl.includes('HTTP2') || !named) && !required)(
  'an API over HTTP/2, behind the proxy, replays over HTTP/2, and a changed path is named',
  async () => {
    const ca = createLocalCa()
    const folder = await mkdtemp(path.join(tmpdir(), 'keploy-alpn-'))
    const bundle = path.join(folder, 'ca.pem')
    await writeFile(bundle, ca.cert)
    const server = http2.createSecureServer(
      { ...ca.certificateFor(hostname()), allowHTTP1: true },
      (request, response) => response.end(`real ${request.url} by ${request.httpVersion}`),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const env = { API: `https://${hostname()}:${(server.address() as AddressInfo).port}`, CURL_CA_BUNDLE: bundle }
    await using recording = await recordService({
      command: [process.execPath, path.join(import.meta.dirname, 'curl-service.mjs')],
      env,
      async requests(send) {
        expect(await send('GET', '/a')).toEqual({ status: 200, body: { said: 'real /a by 2.0 over 2' } })
        expect(await send('GET', '/b')).toEqual({ status: 200, body: { said: 'real /b by 2.0 over 2' } })
      },
      async stop() {
        server.close()
        await rm(folder, { recursive: true, force: true })
      },
    })
    expect(recording.calls).toMatchObject({ mocks: 2, leftOut: 0 })
    const verdict = await recording.replay()
    expect(verdict, verdict.log).toMatchObject({ code: 0, mocks: { served: 2, missed: 0, unused: 0 } })
    const changed = await recording.replay({ env: { PREFIX: '/v2' } })
    expect(changed, changed.log).toMatchObject({ code: 1, mocks: { missed: 2 } })
    const failures = changed.sets.flatMap(({ tests }) => tests).flatMap((test) => test.failures)
    expect(failures).toContainEqual(
      expect.objectContaining({ kind: 'dependency', path: `${env.API.replace('://', ' ')} path`, actual: '/v2/a' }),
    )
  },
  // Three runs of the command, on a machine that may be busy.
  180_000,
)
