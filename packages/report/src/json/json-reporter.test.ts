import { readFile } from 'node:fs/promises'
import { Writable } from 'node:stream'

import { expect, it } from 'vitest'

import { createReporter } from '../create-reporter.ts'
import { hostileRun } from '../testing/hostile.ts'
import { memoryStream } from '../testing/memory-stream.ts'
import { report } from '../testing/run-reporter.ts'
import { eventsOf, nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

it('prints the result as one document, and nothing else', async () => {
  for (const result of [nineTests(), nineTests({ broken: true }), runResult([])]) {
    const { stdout, stderr } = await report('json', result)
    expect(JSON.parse(stdout)).toEqual(result)
    expect(stdout.endsWith('}\n')).toBe(true)
    expect(stderr).toBe('')
  }
})

it('keeps its keys in the order of the contract', async () => {
  const { stdout } = await report('json', nineTests())
  expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['version', 'status', 'summary', 'sets', 'mocks'])
})

it('is valid for any recorded text, and keeps what later versions add', async () => {
  const result = { ...hostileRun(), shard: { index: 1 } }
  const parsed = JSON.parse((await report('json', result)).stdout) as typeof result
  expect(parsed.shard).toEqual({ index: 1 })
  expect(parsed.sets).toHaveLength(result.sets.length)
})

it('writes big integers as the numbers that they are', async () => {
  const failures = [
    { kind: 'body' as const, path: 'body.id', expected: 9_007_199_254_740_993n, message: 'It is gone.' },
  ]
  const { stdout } = await report('json', runResult([testResult({ status: 'failed', failures })]))
  expect(stdout).toContain('"expected":9007199254740993,')
})

it('writes a file instead when there is an output folder', async () => {
  await using folder = await temporaryFolder()
  const { stdout, files } = await report('json', nineTests(), { cwd: folder.path, output: 'deep/reports' })
  expect(stdout).toBe('')
  expect(files).toEqual([`${folder.path}/deep/reports/report.json`])
  expect(JSON.parse(await readFile(files[0] ?? '', 'utf8'))).toEqual(nineTests())
})

it('waits for a stream that takes no more', async () => {
  const chunks: string[] = []
  let buffered = 0
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      buffered = Math.max(buffered, slow.writableLength)
      chunks.push(chunk.toString())
      setImmediate(done)
    },
  })
  const result = runResult(Array.from({ length: 2000 }, () => testResult({ curl: 'x'.repeat(300) })))
  const reporter = createReporter('json', {
    stdout: slow,
    stderr: memoryStream(),
  })
  for (const event of eventsOf(result)) reporter.onEvent(event)
  await reporter.finish()
  slow.end()
  expect(JSON.parse(chunks.join(''))).toEqual(result)
  expect(buffered).toBeLessThan(200_000)
})
