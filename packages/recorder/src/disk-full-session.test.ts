import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { mountTiny, unmountTiny } from '../test/tiny-disk.ts'
import type { RecorderError } from './recorder-error.ts'
import { RecordingSession } from './recording-session.ts'
import { recover } from './recover.ts'

it('a recording on a full disk lets traffic flow on, tells at once, and can be recovered elsewhere', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-'))
  const elsewhere = await mkdtemp(join(tmpdir(), 'recovered-'))
  const reason = mountTiny(folder)
  if (reason !== undefined) context.skip(reason)
  const service = createServer((_request, response) => response.end('x'.repeat(2000)))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  try {
    const errors: RecorderError[] = []
    const session = await RecordingSession.start({
      target: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
      directory: folder,
      onError: (error) => errors.push(error),
    })
    for (let i = 0; i < 60; i++) {
      const response = await fetch(`${session.url}/items/${i}`)
      expect((await response.text()).length).toBe(2000)
    }
    expect(await session.ended).toBe('journal')
    expect(errors.map((error) => error.code)).toEqual(['KEPLOY_JOURNAL_FULL'])
    const kept = 60 - session.stats.lost
    await expect(session.finish()).rejects.toMatchObject({ code: 'KEPLOY_RECORD_WRITE' })
    const summary = await recover(session.journalFile, { directory: elsewhere })
    expect(summary.tests).toBe(kept)
    expect(kept).toBeGreaterThan(10)
  } finally {
    service.closeAllConnections()
    service.close()
    await once(service, 'close')
    unmountTiny(folder)
    await rm(folder, { recursive: true, force: true })
    await rm(elsewhere, { recursive: true, force: true })
  }
})
