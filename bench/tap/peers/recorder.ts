import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readJournal, RecordingSession } from '../../../packages/recorder/src/index.ts'
import { originPort, tellPort } from './ready.ts'

// The whole recorder: tap, codec, redaction, journal. Afterwards the journal is read, and its exchanges are counted.
const directory = await mkdtemp(join(tmpdir(), 'keploy-bench-'))
const session = await RecordingSession.start({
  target: `http://127.0.0.1:${originPort()}`,
  directory: join(directory, 'keploy'),
  graceMs: 500,
})

async function count(): Promise<number> {
  await session.abort()
  let exchanges = 0
  for await (const { record } of readJournal(session.journalFile)) {
    const whole = record.type === 'exchange' || record.type === 'close'
    if (whole && record.exchange.state === 'complete') exchanges += 1
  }
  await rm(directory, { recursive: true })
  return exchanges
}

process.on('message', () => void count().then((exchanges) => process.send?.({ exchanges })))
tellPort(Number(new URL(session.url).port))
