import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'

import { createLocalCertificate } from '@keploy-framework/intercept'
import { expect, it } from 'vitest'

import { warnUntrusted } from './warn-untrusted.ts'

async function warned(target: string): Promise<string> {
  const stderr = new PassThrough()
  await warnUntrusted(target, { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {}, cwd: '.' })
  return (stderr.read() as Buffer | null)?.toString() ?? ''
}

it('says at the start that a certificate is not trusted, and what makes it so', async () => {
  const server = createServer(createLocalCertificate({ hosts: ['127.0.0.1'] })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    expect(await warned(target)).toBe(
      `warning: The certificate of ${target} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT), so no request will get through. Name the file of its authority in NODE_EXTRA_CA_CERTS and start again.\n`,
    )
  } finally {
    server.close()
  }
  expect(await warned(target)).toBe('')
})

it('judges no service that speaks no HTTPS', async () => {
  expect(await warned('http://127.0.0.1:1')).toBe('')
  expect(await warned('unix:/nothere.sock')).toBe('')
})
